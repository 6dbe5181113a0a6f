"""Words, colours and charts of clusters, shared by all interfaces."""
