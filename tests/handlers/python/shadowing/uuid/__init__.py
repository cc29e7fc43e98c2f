def uuid4():
    return "my own"
