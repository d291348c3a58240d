"""Templates that mean harm, made from a good one by changing its parts."""

import io
import zipfile

from pptx import Presentation

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LAYOUT = "ppt/slideLayouts/slideLayout2.xml"
OUT = "http://203.0.113.9/spy.png"
ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def plain() -> bytes:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "様式の見本"
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def parts(data) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content, compression=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return out.getvalue()


def related(content, name, kind, target, *, external):
    """The parts with one more relationship of a part."""
    folder, _, file = name.rpartition("/")
    rels = f"{folder}/_rels/{file}.rels"
    mode = ' TargetMode="External"' if external else ""
    more = f'<Relationship Id="rIdX" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/></Relationships>'
    return content | {rels: content[rels].replace(b"</Relationships>", more.encode())}


def with_shape(content, xml, name=LAYOUT):
    """The parts with one more shape in a layout."""
    return content | {name: content[name].replace(b"</p:spTree>", xml.encode() + b"</p:spTree>")}


def picture(attributes):
    return f"""<p:pic xmlns:r="{RELATIONS}"><p:nvPicPr><p:cNvPr id="99" name="x"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>
<p:blipFill><a:blip {attributes}/><a:stretch><a:fillRect/></a:stretch></p:blipFill>
<p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="99" cy="99"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>"""


def linked_picture(name=LAYOUT) -> bytes:
    content = related(parts(plain()), name, "image", OUT, external=True)
    return packed(with_shape(content, picture('r:link="rIdX"'), name))


def linked_template() -> bytes:
    return packed(related(parts(plain()), "ppt/presentation.xml", "attachedTemplate", OUT, external=True))


def with_macros() -> bytes:
    content = related(parts(plain()), "ppt/presentation.xml", "vbaProject", "vbaProject.bin", external=False)
    types = content["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
        b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
    )
    types = types.replace(
        b"<Default", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Default', 1
    )
    return packed(content | {"[Content_Types].xml": types, "ppt/vbaProject.bin": b"Attribute VB_Name"})


def with_object() -> bytes:
    content = related(parts(plain()), LAYOUT, "oleObject", "../embeddings/a.bin", external=False)
    types = content["[Content_Types].xml"].replace(
        b"<Default", b'<Default Extension="bin" ContentType="application/x-ole"/><Default', 1
    )
    return packed(content | {"ppt/embeddings/a.bin": b"MZ", "[Content_Types].xml": types})


def many_elements(count=1_500_000) -> bytes:
    return packed(with_shape(parts(plain()), "<a:t/>" * count))


def bomb() -> bytes:
    return packed(parts(plain()) | {"ppt/media/image9.png": bytes(150 * 2**20)})


def entities() -> bytes:
    content = parts(plain())
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    return packed(content | {LAYOUT: content[LAYOUT].replace(b"<p:sldLayout", laughs + b"<p:sldLayout", 1)})


def deep(levels=20_000) -> bytes:
    return packed(with_shape(parts(plain()), "<p:grpSp>" * levels + "</p:grpSp>" * levels))


def mangled():
    """Good templates with one part cut, emptied, missing or turned into something else."""
    content = parts(plain())
    for name in ("[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml", "ppt/_rels/presentation.xml.rels",
                 "ppt/slideMasters/slideMaster1.xml", "ppt/slideMasters/_rels/slideMaster1.xml.rels", LAYOUT, "ppt/theme/theme1.xml"):  # fmt: skip
        for body in (content[name][: len(content[name]) // 2], b"", b"<a/>", b"\x00\xff" * 50, None):
            rest = {key: value for key, value in content.items() if key != name}
            yield (
                f"{name} {body[:8] if body is not None else 'gone'}",
                packed(rest if body is None else rest | {name: body}),
            )
