"""How clusters look and read, for every face: words, colours, charts."""
