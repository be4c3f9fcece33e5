//! Which methods a path knows, read from the document, for the `Allow` of a 405.

use serde_json::Value;

/// The paths of the document with their methods.
#[derive(Debug)]
pub struct Routes(Vec<(Vec<String>, String)>);

/// Methods as the document writes them, in the order `Allow` lists them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Routes {
    /// Reads the document's paths; `plain` are further ones that only know GET.
    #[must_use]
    pub fn of(document: &Value, plain: &[&str]) -> Self {
        let documented = document["paths"].as_object().into_iter().flatten();
        let mut routes: Vec<_> = documented.map(|(path, item)| (segments(path), allowed(item))).collect();
        routes.extend(plain.iter().map(|path| (segments(path), "GET, HEAD".to_owned())));
        Self(routes)
    }

    /// The value of `Allow` for a path.
    #[must_use]
    pub fn methods_of(&self, path: &str) -> String {
        let asked = segments(path);
        let fits = |known: &[String]| {
            let fit = |(known, asked): (&String, &String)| known.starts_with('{') || known == asked;
            known.len() == asked.len() && known.iter().zip(&asked).all(fit)
        };
        let exact = self.0.iter().find(|(known, _)| *known == asked);
        let found = exact.or_else(|| self.0.iter().find(|(known, _)| fits(known)));
        found.map_or_else(String::new, |(_, methods)| methods.clone())
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(str::to_owned).collect()
}

fn allowed(item: &Value) -> String {
    let mut methods = Vec::new();
    for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
        methods.push(method.to_ascii_uppercase());
        if *method == "get" {
            methods.push("HEAD".to_owned());
        }
    }
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fixed_path_wins_over_one_with_a_parameter() {
        let document = json!({"paths": {
            "/signals/{id}": {"get": {}, "patch": {}},
            "/signals/history": {"get": {}},
            "/analyze": {"post": {}},
        }});
        let routes = Routes::of(&document, &["/docs"]);
        assert_eq!(routes.methods_of("/signals/7"), "GET, HEAD, PATCH");
        assert_eq!(routes.methods_of("/signals/history"), "GET, HEAD");
        assert_eq!(routes.methods_of("/analyze"), "POST");
        assert_eq!(routes.methods_of("/docs"), "GET, HEAD");
    }
}
