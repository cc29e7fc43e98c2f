NAME = "the second plugin"
