"""Mock interviews: questions asked one after another, answers graded, and what to do about it."""
