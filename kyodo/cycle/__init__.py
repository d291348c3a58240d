"""The plan's year: sheets handed out, collected, judged, and what the committee said. Pure: frames in, frames out.

``roster`` says who is asked, ``sheets`` what stands on each sheet, ``words`` and ``returned`` read what comes back,
``drop`` holds several returned files against each other and what stands, ``judge`` says how an item stands beside its
plan, and ``year`` puts it all into one frozen value that page, slides, workbook and open data draw.
"""
