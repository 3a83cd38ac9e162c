"""A larger model that is never served: it learns from the messages and labels more text for the small one."""
