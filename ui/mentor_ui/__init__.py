"""Mentor's faces: terminal and web page. They hold no logic of the domain."""
