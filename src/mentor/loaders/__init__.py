"""One file in, one page out: a module for each kind of file.

Markdown, text and YAML become a page with a Markdown body, and so do HTML and DOCX. Files whose
places have numbers (PDF, slides, notebooks, subtitles, tables) become a page with parts.
Each library's errors end here: what leaves a loader is a page or a `MaterialError`.
"""
