//! Where things go: folders that are made again, limits, names of conflict siblings.

use crate::author::Author;
use crate::id::FileId;
use crate::intent::Refused;
use crate::merge::resolve::{Halt, Step};
use crate::name::{MOUNT_FOLDER, NAME_MAX};
use crate::op::{Op, Place};
use crate::tree::is_of_dreams;

/// Characters of a writer's name that a conflict sibling's name holds, at most.
const WHO_MAX: usize = 40;

/// What follows a name's last `.` is its extension, up to so many bytes with the `.`.
const EXTENSION_MAX: usize = 32;

impl Step<'_> {
    /// The place for a file at `path`, whose folder may have been removed by others: it is made again (an edit wins
    /// over a removal).
    pub(crate) fn ensure_place(&mut self, place: &Place, path: &str) -> Result<Place, Halt> {
        let place = self.settle(place);
        match self.work.node(place.parent) {
            Some(parent) if parent.is_dir() => Ok(place),
            _ => self.place_of_path(path),
        }
    }

    /// The place of an absolute path, its folders made where they are missing; for a caller who was told "done", beside a
    /// file that has taken such a folder's name.
    pub(crate) fn place_of_path(&mut self, path: &str) -> Result<Place, Halt> {
        let mut names: Vec<&str> = path.split('/').filter(|n| !n.is_empty()).collect();
        let Some(name) = names.pop() else {
            return Err(Refused::IsDir { path: path.to_owned() }.into());
        };
        let mut parent = FileId::ROOT;
        let mut at = String::new();
        for folder in names {
            at.push('/');
            at.push_str(folder);
            parent = match self.work.child(parent, folder) {
                Some(node) if node.is_dir() => node.id,
                Some(_) if !self.is_promised() => return Err(Refused::NotDir { path: at }.into()),
                there => {
                    let taken = there.is_some();
                    let file = FileId::random(self.random);
                    let mut place = Place {
                        parent,
                        name: folder.to_owned(),
                    };
                    if taken {
                        (place, at) = self.sibling(&place, &at, file);
                    }
                    if !self.is_promised() {
                        self.check_name(&place, &at, 0)?;
                    }
                    self.push(Op::Mkdir {
                        file,
                        path: at.clone(),
                        place,
                        mode: 0o755,
                    })?;
                    file
                }
            };
        }
        Ok(Place {
            parent,
            name: name.to_owned(),
        })
    }

    /// Checks name, `.dream/` and the number of files before something new is made at `place`. What was acknowledged already
    /// counts no more.
    pub(crate) fn check_new(&self, place: &Place, path: &str, is_file: bool) -> Result<(), Refused> {
        self.check_name(place, path, 0)?;
        self.check_dream(place, path)?;
        let limit = self.work.settings.files;
        if is_file && self.work.files >= limit && !self.work.is_exempt(place) && !self.late {
            return Err(Refused::Full {
                path: path.to_owned(),
                limit,
            });
        }
        Ok(())
    }

    /// Checks a new name by itself and against its siblings, and the length of the paths that it makes: below it they are
    /// longer by `depth` at most.
    pub(crate) fn check_name(&self, place: &Place, path: &str, depth: usize) -> Result<(), Refused> {
        if place.parent == FileId::ROOT && place.name == MOUNT_FOLDER {
            return Err(Refused::Name {
                path: path.to_owned(),
                why: "each mount makes a folder of that name itself; take another".to_owned(),
            });
        }
        // Others may have renamed a folder on its way since.
        let length = self.work.path_of_place(place).map_or(path.len(), |now| now.len());
        let siblings = self.work.children(place.parent).map(|n| &*n.name);
        crate::name::check(&place.name)
            .and_then(|()| crate::name::check_path(path))
            .and_then(|()| crate::name::check_path_length(length + depth))
            .and_then(|()| crate::name::check_confusable(&place.name, siblings))
            .map_err(|e| Refused::Name {
                path: path.to_owned(),
                why: e.to_string(),
            })
    }

    /// Only dreams (and people) write below `.dream/`.
    pub(crate) fn check_dream(&self, place: &Place, path: &str) -> Result<(), Refused> {
        let is_agent = matches!(self.author, Author::Agent(_));
        if is_agent && (is_of_dreams(path) || self.is_dream(place)) {
            let why = "agents can read the dreams' records but not write them".to_owned();
            return Err(Refused::ReadOnly {
                path: path.to_owned(),
                why,
            });
        }
        Ok(())
    }

    fn is_dream(&self, place: &Place) -> bool {
        let dream = self.work.child(FileId::ROOT, ".dream").map(|n| n.id);
        dream.is_some_and(|dream| self.work.is_within(place.parent, dream))
    }

    /// Checks that the store has room for a file to grow. What was acknowledged already finds room.
    pub(crate) fn check_room(&self, exempt: bool, path: &str, size: u64, was: u64) -> Result<(), Refused> {
        let Some(limit) = self.work.settings.size else {
            return Ok(());
        };
        let grown = self.work.bytes.saturating_sub(was).saturating_add(size);
        if size > was && grown > limit && !exempt && !self.late {
            return Err(Refused::NoRoom {
                path: path.to_owned(),
                limit,
            });
        }
        Ok(())
    }

    /// Checks the size of a file that grows.
    pub(crate) fn check_size(&self, exempt: bool, path: &str, size: u64, was: u64) -> Result<(), Refused> {
        let limit = self.work.settings.file_size;
        if size > was && size > limit && !exempt {
            return Err(Refused::TooLarge {
                path: path.to_owned(),
                size,
                limit,
            });
        }
        Ok(())
    }

    /// A free place beside `place` for a conflict sibling, and its path: `<stem>.conflict-<agent>-<id>.<ext>`.
    pub(crate) fn sibling(&self, place: &Place, path: &str, file: FileId) -> (Place, String) {
        let id = file.to_string();
        let who: String = self
            .author
            .name()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                    c
                } else {
                    '-'
                }
            })
            .take(WHO_MAX)
            .collect();
        let (stem, ext) = match place.name.rfind('.') {
            Some(dot) if dot > 0 && place.name.len() - dot <= EXTENSION_MAX => place.name.split_at(dot),
            _ => (place.name.as_str(), ""),
        };
        let folder = path.rfind('/').map_or("", |slash| &path[..slash]);
        let named = |id: &str| {
            let end = format!(".conflict-{who}-{id}{ext}");
            // Long names are cut, so that the sibling's is none that is too long.
            let mut cut = stem.len().min(NAME_MAX - end.len());
            while !stem.is_char_boundary(cut) {
                cut -= 1;
            }
            format!("{}{end}", &stem[..cut])
        };
        let name = (6..=id.len())
            .map(|digits| named(&id[..digits]))
            .find(|name| self.work.child(place.parent, name).is_none())
            .unwrap_or_else(|| named(&format!("{id}-{id}")));
        let path = format!("{folder}/{name}");
        (
            Place {
                parent: place.parent,
                name,
            },
            path,
        )
    }
}
