//! The INI dialect of AWS files, where Python's and Go's readers agree.
//!
//! In: text. Out: sections. Never: picks a side. botocore keeps ` # prod` as part of a value and the Go SDK cuts it off;
//! botocore refuses a doubled section and Go joins it; a `:` divides for one and not for the other. Such an entry is
//! there but has no value, and asking for it is an error.

use super::Unreadable;
use std::collections::BTreeMap;

/// One file.
#[derive(Debug)]
pub(super) struct Ini {
    /// The file, for sources and complaints.
    pub(super) path: String,
    sections: BTreeMap<String, Section>,
}

/// One section's entries, by lower-case key.
#[derive(Debug, Default)]
pub(super) struct Section(BTreeMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    line: usize,
    /// Nothing where readers differ.
    value: Option<String>,
}

impl Ini {
    /// Reads `text`, which came from `path`.
    pub(super) fn parse(path: String, text: &str) -> Result<Self, Unreadable> {
        let mut ini = Self { path, sections: BTreeMap::new() };
        let mut place: Option<(String, Option<String>)> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indented = line.starts_with([' ', '\t']);
            place = match place.take() {
                Some((section, Some(key))) if indented => {
                    ini.continue_entry(&section, &key);
                    Some((section, Some(key)))
                }
                _ if trimmed.starts_with('[') => Some((ini.open(number, trimmed)?, None)),
                Some((section, _)) => {
                    let key = ini.add(number, &section, trimmed)?;
                    Some((section, Some(key)))
                }
                None => return Err(ini.fault(number, "an entry before the first section")),
            };
        }
        Ok(ini)
    }

    /// The section of this name.
    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.get(name)
    }

    /// The value of `key` in `section`; nothing where it is missing or empty.
    pub(super) fn value(&self, section: &Section, key: &str) -> Result<Option<String>, Unreadable> {
        match section.0.get(key) {
            None => Ok(None),
            Some(Entry { value: Some(value), .. }) => {
                Ok(Some(value.clone()).filter(|value| !value.is_empty()))
            }
            Some(Entry { value: None, line }) => {
                Err(self.fault(*line, "readers of this file take the entry differently"))
            }
        }
    }

    /// Opens a section. Text after the bracket is dropped by Python and part of the name to others.
    fn open(&mut self, number: usize, header: &str) -> Result<String, Unreadable> {
        let name = header
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .filter(|name| !name.contains(['[', ']', '#', ';']))
            .ok_or_else(|| self.fault(number, "not a section header"))?;
        let name = canonical(name).ok_or_else(|| self.fault(number, "a section name in doubtful quotes"))?;
        if self.sections.insert(name.clone(), Section::default()).is_some() {
            return Err(self.fault(number, "a section stands twice"));
        }
        Ok(name)
    }

    /// Adds an entry; its value is kept only where `=` comes first and no comment may be in it.
    fn add(&mut self, number: usize, section: &str, entry: &str) -> Result<String, Unreadable> {
        let divider =
            entry.find(['=', ':']).ok_or_else(|| self.fault(number, "neither a section nor an entry"))?;
        let (key, rest) = entry.split_at(divider);
        let key = key.trim().to_lowercase();
        let value = rest.strip_prefix('=').map(str::trim);
        let value = value.filter(|value| ![" #", " ;", "\t#", "\t;"].iter().any(|mark| value.contains(mark)));
        let entry = Entry { line: number, value: value.map(str::to_owned) };
        let entries = self.sections.entry(section.to_owned()).or_default();
        if entries.0.insert(key.clone(), entry).is_some() {
            return Err(self.fault(number, "a key stands twice in one section"));
        }
        Ok(key)
    }

    /// A line that continues an entry: one long value to Python, a nested table to Go.
    fn continue_entry(&mut self, section: &str, key: &str) {
        if let Some(entry) = self.sections.get_mut(section).and_then(|section| section.0.get_mut(key)) {
            entry.value = None;
        }
    }

    fn fault(&self, line: usize, fault: &str) -> Unreadable {
        Unreadable::malformed(&self.path, line, fault)
    }
}

/// `profile  "my name"` as `profile my name`: one space, no quotes; nothing for quoting that needs a shell to read.
fn canonical(name: &str) -> Option<String> {
    let name = name.trim();
    let (first, rest) = name.split_once([' ', '\t']).unwrap_or((name, ""));
    let rest = rest.trim();
    let quoted = |mark: char| rest.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    let plain = quoted('"').or_else(|| quoted('\'')).unwrap_or(rest);
    let doubtful = |text: &str| text.contains(['"', '\'', '\\']);
    if doubtful(first) || doubtful(plain) {
        return None;
    }
    Some(if plain.is_empty() { first.to_owned() } else { format!("{first} {plain}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Ini, Unreadable> {
        Ini::parse("config".into(), text)
    }

    #[test]
    fn sections_and_entries() {
        let ini = parse("# c\n[default]\nRegion = eu-west-1\n  ; c\n[profile  'a b']\nx=1\ns3 =\n  k = v\n")
            .unwrap();
        let default = ini.section("default").unwrap();
        assert_eq!(ini.value(default, "region").unwrap().as_deref(), Some("eu-west-1"));
        assert_eq!(ini.value(default, "output").unwrap(), None);
        assert!(ini.section("profile a b").is_some());
        assert!(ini.section("profile 'a b'").is_none());
    }

    #[test]
    fn an_entry_that_readers_take_differently_has_no_value() {
        for text in [
            "[a]\nregion = x # prod\n",
            "[a]\nregion : x\n",
            "[a]\nregion = x\n  y\n",
            "[a]\nregion = x\t;y\n",
        ] {
            let ini = parse(text).unwrap();
            let error = ini.value(ini.section("a").unwrap(), "region").unwrap_err();
            assert!(error.to_string().contains("line 2: readers of this file"), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_that_readers_refuse_or_join_is_refused() {
        for (text, fault) in [
            ("[a]\n[a]\n", "a section stands twice"),
            ("[profile a]\n[profile 'a']\n", "a section stands twice"),
            ("[a]\nx=1\nX=2\n", "a key stands twice in one section"),
            ("x=1\n", "an entry before the first section"),
            ("[a]\nx\n", "neither a section nor an entry"),
            ("[a] # b\n", "not a section header"),
            ("[profile a\\ b]\n", "a section name in doubtful quotes"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.ends_with(fault), "{text}: {error}");
        }
    }
}
