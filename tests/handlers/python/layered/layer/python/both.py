SHADOWED = "the layer"
