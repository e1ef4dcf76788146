//! Reads an OpenAPI document for the page; missing parts are left out.

use serde_json::Value;
use std::sync::Arc;

/// The API's OpenAPI 3.1 document; the server provides it as context.
#[derive(Debug, Clone)]
pub struct Spec(pub Arc<Value>);

#[derive(Debug, Clone, Copy)]
pub(super) struct Operation<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'a str,
    pub(super) value: &'a Value,
}

impl Spec {
    /// The text at a JSON pointer, or an empty one.
    pub(super) fn text(&self, pointer: &str) -> &str {
        text(self.0.pointer(pointer))
    }

    /// Name and description of each tag.
    pub(super) fn tags(&self) -> Vec<(&str, &str)> {
        list(self.0.get("tags"))
            .iter()
            .map(|tag| (text(tag.get("name")), text(tag.get("description"))))
            .collect()
    }

    /// The operations of a tag, in the document's order.
    pub(super) fn operations<'a>(&'a self, tag: &str) -> Vec<Operation<'a>> {
        let paths = self.0.get("paths").and_then(Value::as_object);
        let all = paths.into_iter().flatten().flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, value)| Operation { path, method, value })
        });
        all.filter(|operation| {
            list(operation.value.get("tags")).iter().any(|word| text(Some(word)) == tag)
        })
        .collect()
    }

    /// Follows a `$ref`, if the value is one.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value.get("$ref").and_then(Value::as_str);
        let found = reference.and_then(|name| self.0.pointer(name.strip_prefix('#')?));
        found.unwrap_or(value)
    }

    pub(super) fn fields<'a>(&'a self, schema: &'a Value) -> Vec<Field<'a>> {
        let schema = self.resolve(schema);
        let schema = match schema.get("oneOf").and_then(|all| all.get(0)) {
            Some(first) => self.resolve(first),
            None => schema,
        };
        let required = list(schema.get("required"));
        let properties = schema.get("properties").and_then(Value::as_object);
        let fields = properties.into_iter().flatten().map(|(name, value)| {
            let value = self.resolve(value);
            Field {
                name,
                kind: kind(value),
                required: required.iter().any(|word| text(Some(word)) == name),
                description: text(value.get("description")),
            }
        });
        let mut fields: Vec<_> = fields.collect();
        // Required fields first; parsing lost the document's own order.
        fields.sort_by_key(|field| !field.required);
        fields
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) description: &'a str,
}

pub(super) fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A schema's type and limits in words.
pub(super) fn kind(schema: &Value) -> String {
    // `null` says no more than that the field is optional.
    let words = list(schema.get("enum")).iter().map(|word| text(Some(word)));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if !words.is_empty() {
        return words.join(" | ");
    }
    let types = list(schema.get("type")).iter().map(|word| text(Some(word)));
    let of_list = types.filter(|word| *word != "null").collect::<Vec<_>>().join(" | ");
    let mut kind = match (text(schema.get("format")), text(schema.get("type"))) {
        // Our own formats: `past` is a time, the others are texts.
        ("past", _) => "date-time".to_owned(),
        ("" | "phone" | "source" | "ip" | "recipient" | "webhook", "") => of_list,
        ("" | "phone" | "source" | "ip" | "recipient" | "webhook", one) => one.to_owned(),
        (format, _) => format.to_owned(),
    };
    if kind == "array"
        && let Some(items) = schema.get("items")
    {
        kind = format!("list of {}", self::kind(items));
    }
    let number = |name: &str| schema.get(name).map(ToString::to_string);
    for (name, word) in
        [("maxLength", "at most"), ("minimum", "from"), ("maximum", "to"), ("maxItems", "at most")]
    {
        if let Some(limit) = number(name) {
            kind.push_str(&format!(", {word} {limit}"));
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_told_in_words() {
        let spec = Spec(Arc::new(json!({
            "components": {"schemas": {"A": {
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "maxLength": 200, "description": "Its name."},
                    "kind": {"enum": ["one", "two", null]},
                    "phone": {"type": ["string", "null"], "format": "phone", "maxLength": 320},
                    "times": {"type": "array", "items": {"type": "string", "format": "date-time"}}
                }
            }}}
        })));
        let schema = json!({"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "array"}]});
        let fields = spec.fields(&schema);
        let told: Vec<_> =
            fields.iter().map(|field| (field.name, &*field.kind, field.required)).collect();
        assert_eq!(
            told,
            [
                ("id", "string, at most 200", true),
                ("kind", "one | two", false),
                ("phone", "string, at most 320", false),
                ("times", "list of date-time", false)
            ]
        );
        assert_eq!(fields[0].description, "Its name.");
        assert!(spec.fields(&json!({"$ref": "#/nowhere"})).is_empty());
    }
}
