"""Documents people have, as text that a model can be asked about.

    reading.py      files and folders to documents; what cannot be read, in a sentence
    document.py     what a document is: sections under headings, with places
    text_files.py   .txt and .md; html_files.py, word_files.py (.docx) and pdf_files.py the others
    chunks.py       documents to pieces of so many tokens, by structure first

Knows nothing of what is then asked (`datagen/recipes/documents.py`).
"""
