"""The door: ``streamlit run dashboard.py``. The pages are in ``pages/``, what they know is in ``kyodo/``."""

import streamlit as st

from kyodo.ui.door import middleware, routes, say_error

app = st.App("pages/shell.py", routes=routes(), middleware=middleware(), on_script_error=say_error)
