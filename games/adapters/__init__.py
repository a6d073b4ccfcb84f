"""Games that others wrote, behind our contract."""
