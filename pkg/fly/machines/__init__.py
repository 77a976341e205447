"""Working on single machines: each verb waits until they are where they should be."""
