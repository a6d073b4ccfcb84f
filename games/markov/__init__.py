"""Games of our own whose worlds are Markov games with populations of any size."""
