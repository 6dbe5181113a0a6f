"""Store clusters: settings, builds, published runs, and the interfaces to them."""
