"""Publishing core's image with ko, and knowing which image that is and where it runs."""
