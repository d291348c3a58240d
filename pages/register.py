import streamlit as st

ui = None
st.title("調査データの登録")
