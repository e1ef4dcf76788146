//! Saves a chart as a standalone file: as displayed, with inlined colours, its title above and its
//! legend below.

use crate::browser::dom::{after, all, document, find, window};
use std::fmt::Write;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, CssStyleDeclaration, Element,
    HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url, XmlSerializer,
};

/// The margin around the picture, and the height of a line of text.
const ROOM: i32 = 20;
const LINE: i32 = 22;
/// The least width, for the text of a smaller picture.
const WIDTH: i32 = 480;
/// The style properties of shapes and text.
const STYLES: &[&str] = &[
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "paint-order",
    "vector-effect",
    "font-size",
    "font-weight",
];

/// Saves the picture that a button names.
pub(super) fn save(button: &Element) {
    let (Some(kind), Some(word)) =
        (button.get_attribute("data-save"), button.get_attribute("data-of"))
    else {
        return;
    };
    let Some((svg, width, height)) =
        find(&format!("[id='{word}']")).and_then(|tile| standalone(&tile))
    else {
        return;
    };
    spawn_local(async move {
        let Some(blob) = blob(&svg) else { return };
        let done = if kind == "png" {
            png(blob, &word, width, height).await
        } else {
            download(&blob, &word, "svg")
        };
        debug_assert!(done.is_some());
    });
}

fn blob(svg: &str) -> Option<Blob> {
    let kind = BlobPropertyBag::new();
    kind.set_type("image/svg+xml");
    Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&svg.into()), &kind).ok()
}

fn download(blob: &Blob, word: &str, ending: &str) -> Option<()> {
    let url = Url::create_object_url_with_blob(blob).ok()?;
    let link: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(&format!("{word}.{ending}"));
    link.click();
    after(10_000, move || drop(Url::revoke_object_url(&url)));
    Some(())
}

/// Renders the picture at twice its size.
async fn png(svg: Blob, word: &str, width: i32, height: i32) -> Option<()> {
    let url = Url::create_object_url_with_blob(&svg).ok()?;
    let image = HtmlImageElement::new().ok()?;
    image.set_src(&url);
    JsFuture::from(image.decode()).await.ok()?;
    let (canvas, pen) = canvas(width * 2, height * 2)?;
    let (wide, high) = (f64::from(width * 2), f64::from(height * 2));
    pen.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, wide, high).ok()?;
    let _ = Url::revoke_object_url(&url);
    let word = word.to_owned();
    let made = Closure::once_into_js(move |blob: JsValue| {
        if let Ok(blob) = blob.dyn_into::<Blob>() {
            download(&blob, &word, "png");
        }
    });
    canvas.to_blob(made.unchecked_ref()).ok()
}

fn canvas(width: i32, height: i32) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width.unsigned_abs());
    canvas.set_height(height.unsigned_abs());
    // Kept in main memory, since colours are read back.
    let options = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
    let pen = canvas.get_context_with_context_options("2d", &options).ok()??.dyn_into().ok()?;
    Some((canvas, pen))
}

/// The picture's markup, and its size.
fn standalone(tile: &Element) -> Option<(String, i32, i32)> {
    let drawing = tile.query_selector("svg.drawing, svg.donut").ok()??;
    let (_, pen) = canvas(1, 1)?;
    let copy: Element = drawing.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    for (seen, copy) in all(&drawing, "*").iter().zip(all(&copy, "*")) {
        write_in(seen, &copy, &pen)?;
    }
    let size = drawing.get_bounding_client_rect();
    // The labels of the axis are in the margin left of the picture.
    let plot = tile.query_selector(".plot").ok()?;
    let left = plot.and_then(|plot| styles(&plot)?.get_property_value("margin-left").ok());
    let left = left.map_or(0, |text| whole_pixels(js_sys::parse_float(&text)));
    let (seen, body) = (whole_pixels(size.width()), whole_pixels(size.height()));
    let width = (seen + left + 2 * ROOM).max(WIDTH);
    // Centred, if the text is wider than the picture.
    for (name, value) in [
        ("x", (width - seen + left) / 2),
        ("y", ROOM + 2 * LINE),
        ("width", seen),
        ("height", body),
    ] {
        let _ = copy.set_attribute(name, &value.to_string());
    }
    let _ = copy.set_attribute("overflow", "visible");
    for name in ["aria-label", "class", "role"] {
        let _ = copy.remove_attribute(name);
    }
    let own = styles(tile)?;
    let of = |style: &CssStyleDeclaration, name: &str| {
        colour(&pen, &style.get_property_value(name).unwrap_or_default()).0
    };
    let ground = of(&own, "background-color");
    let ink = of(&own, "color");
    let mut entries = all(tile, ".legend li, .strip-legend li, .map-legend li");
    entries.retain(|entry| !matches!(entry.query_selector("[aria-pressed=false]"), Ok(Some(_))));
    let columns = (width / 300).max(1);
    let rows = (i32::try_from(entries.len()).ok()? + columns - 1) / columns;
    let top = ROOM + 2 * LINE + body + ROOM;
    let height = top + rows * LINE + ROOM / 2;
    // The title, then a description.
    let label = drawing.get_attribute("aria-label").unwrap_or_default();
    let (title, more) = label.split_once(':').unwrap_or((&label, ""));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Inter, system-ui, sans-serif\" \
         font-size=\"12\" fill=\"{ink}\"><rect width=\"100%\" height=\"100%\" fill=\"{ground}\"/>\
         <text x=\"{ROOM}\" y=\"{}\" font-size=\"14\" font-weight=\"600\">{}</text>\
         <text x=\"{ROOM}\" y=\"{}\">{}</text>",
        ROOM + 10,
        escaped(title),
        ROOM + 10 + LINE,
        escaped(more.trim_start()),
    );
    out.push_str(&XmlSerializer::new().ok()?.serialize_to_string(&copy).ok()?);
    for (at, entry) in (0..).zip(&entries) {
        let x = ROOM + at % columns * (width - 2 * ROOM) / columns;
        let y = top + at / columns * LINE;
        let swatch =
            entry.query_selector(".swatch, .map-step").ok()?.and_then(|swatch| styles(&swatch));
        // A dashed swatch is a border, any other a background.
        let swatch = swatch.map_or_else(String::new, |style| {
            let dash = style.get_property_value("border-top-style").as_deref() == Ok("dashed");
            of(&style, if dash { "border-top-color" } else { "background-color" })
        });
        let words = all(entry, ".legend-name, .legend-count, .legend-share");
        let words = match words.is_empty() {
            true => entry.text_content().unwrap_or_default(),
            // Em spaces, which no program collapses.
            false => words
                .iter()
                .filter_map(|word| word.text_content())
                .collect::<Vec<_>>()
                .join("\u{2003}"),
        };
        let _ = write!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"10\" height=\"10\" rx=\"3\" fill=\"{swatch}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            x + 18,
            y + 9,
            escaped(&words),
        );
    }
    out.push_str("</svg>");
    Some((out, width, height))
}

/// Copies an element's computed style into its copy's attributes.
fn write_in(seen: &Element, copy: &Element, pen: &CanvasRenderingContext2d) -> Option<()> {
    let style = styles(seen)?;
    let get = |name: &str| style.get_property_value(name).unwrap_or_default();
    let _ = copy.remove_attribute("class");
    let _ = copy.remove_attribute("style");
    // All text has the root's font.
    let _ = copy.remove_attribute("font-family");
    if seen.tag_name() == "a" {
        let _ = copy.remove_attribute("href");
    }
    if get("display") == "none" {
        let _ = copy.set_attribute("display", "none");
        return Some(());
    }
    if !matches!(
        seen.tag_name().as_str(),
        "polygon" | "polyline" | "rect" | "circle" | "path" | "text"
    ) {
        return Some(());
    }
    for paint in ["fill", "stroke"] {
        let (colour, opacity) = colour(pen, &get(paint));
        let _ = copy.set_attribute(paint, &colour);
        if opacity < 100 && colour != "none" {
            let _ = copy.set_attribute(&format!("{paint}-opacity"), &format!("{opacity}%"));
        }
    }
    for name in STYLES {
        let value = get(name);
        if !matches!(value.as_str(), "" | "none" | "normal" | "butt" | "miter") {
            let _ = copy.set_attribute(name, &value);
        }
    }
    Some(())
}

fn styles(element: &Element) -> Option<CssStyleDeclaration> {
    window()?.get_computed_style(element).ok()?
}

/// Whole pixels: formatting floats would add 10 KiB of code.
fn whole_pixels(dots: f64) -> i32 {
    if dots.is_finite() { dots.round() as i32 } else { 0 }
}

/// A colour as `#rrggbb`, and its opacity in percent. Draws a pixel and reads it back, since most
/// programs do not know the stylesheet's newer notation.
fn colour(pen: &CanvasRenderingContext2d, css: &str) -> (String, u32) {
    if css == "none" || css.is_empty() {
        return ("none".to_owned(), 100);
    }
    pen.clear_rect(0.0, 0.0, 1.0, 1.0);
    pen.set_fill_style_str(css);
    pen.fill_rect(0.0, 0.0, 1.0, 1.0);
    match pen.get_image_data(0.0, 0.0, 1.0, 1.0).map(|dot| dot.data()) {
        Ok(dot) => match dot.as_slice() {
            [r, g, b, a] => (format!("#{r:02x}{g:02x}{b:02x}"), u32::from(*a) * 100 / 255),
            _ => ("none".to_owned(), 100),
        },
        Err(_) => ("none".to_owned(), 100),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
