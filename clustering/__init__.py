"""Store clusters: settings, runs, publishing, and the faces that show them."""
