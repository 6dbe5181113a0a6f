"""The registry, published runs and versions: what was built, decided, and is live."""
