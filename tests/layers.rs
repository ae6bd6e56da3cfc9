//! Which rule files count and who may have written them: each row is a way to slip rules in, or to make rules vanish.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a test that meets the unexpected shall fail")]

use remgate::layers::{self, Found, LayerError, Places};
use remgate::rules::{Layer, Trust};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A user id that owns nothing here.
const STRANGER: u32 = 65_533;

/// Places under the build directory: `/tmp` is writable by all, and therefore never believed.
struct Scene {
    root: TempDir,
    places: Places,
}

impl Scene {
    fn new() -> Self {
        let exe = std::env::current_exe().expect("test binary");
        let root = TempDir::new_in(exe.parent().expect("directory")).expect("scene");
        let at = |path: &str| root.path().join(path);
        let places = Places {
            // A system layer can only be made by root.
            system: at(if is_root() { "etc/remgate" } else { "etc/absent" }),
            user: Some(at("home/.config/remgate")),
            account: None,
            project_from: at("work/project/deep"),
        };
        for path in ["etc/remgate", "home/.config/remgate", "work/project/deep", "outside"] {
            fs::create_dir_all(at(path)).expect("directory");
        }
        let scene = Self { root, places };
        for path in ["etc", "etc/remgate", "home", "home/.config", "home/.config/remgate", "outside"] {
            scene.mode(&scene.at(path), 0o755);
        }
        scene
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(path);
        fs::write(&path, text).expect("written");
        self.mode(&path, 0o644);
        path
    }

    fn mode(&self, path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("mode");
    }

    fn find(&self) -> Result<Vec<Found>, LayerError> {
        layers::find(&self.places)
    }

    fn found(&self) -> Vec<(Layer, Trust, String)> {
        let name = |found: &Found| {
            found.path().strip_prefix(self.root.path()).expect("inside").display().to_string()
        };
        let found = self.find().expect("found");
        found.iter().map(|found| (found.layer(), found.trust(), name(found))).collect()
    }

    /// The refusal, which must name the path and say that nothing was run.
    fn refused(&self, path: &Path) -> LayerError {
        let error = self.find().expect_err("must be refused");
        let text = error.to_string();
        assert!(text.contains(&format!("`{}`", path.display())), "{text}");
        assert!(text.ends_with("nothing was run"), "{text}");
        error
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Prints what is not tested, and why. No account can become root, so REMGATE_REQUIRE_ALL cannot ask for more.
fn skipped_without_root(test: &str) -> bool {
    if !is_root() {
        println!("SKIPPED {test}: only root can give files away");
    }
    !is_root()
}

const USER: &str = "home/.config/remgate/a.toml";

#[test]
fn layers_come_in_order_and_files_by_name() {
    let scene = Scene::new();
    for name in ["b.toml", "a.toml", "10.toml", ".hidden.toml", "a.toml~", ".a.toml.swp", "notes.md"] {
        scene.write(&format!("home/.config/remgate/{name}"), "");
    }
    scene.write("work/project/.remgate.toml", "");
    scene.write("work/.remgate.toml", "");
    let mut expected = vec![
        (Layer::User, Trust::Full, "home/.config/remgate/10.toml".to_owned()),
        (Layer::User, Trust::Full, "home/.config/remgate/a.toml".to_owned()),
        (Layer::User, Trust::Full, "home/.config/remgate/b.toml".to_owned()),
        // An empty nearer file must not hide what the outer one tightens.
        (Layer::Project, Trust::TightenOnly, "work/.remgate.toml".to_owned()),
        (Layer::Project, Trust::TightenOnly, "work/project/.remgate.toml".to_owned()),
    ];
    if is_root() {
        scene.write("etc/remgate/z.toml", "");
        expected.insert(0, (Layer::System, Trust::Full, "etc/remgate/z.toml".to_owned()));
    }
    assert_eq!(scene.found(), expected);
}

#[test]
fn an_absent_place_is_no_layer() {
    let scene = Scene::new();
    fs::remove_dir_all(scene.at("home")).expect("removed");
    assert_eq!(scene.found(), []);
    // An absent layer is absent, whoever may write above it.
    fs::create_dir(scene.at("home")).expect("created");
    scene.mode(&scene.at("home"), 0o777);
    assert_eq!(scene.found(), []);
}

#[test]
fn who_may_write_a_file_or_above_it_decides() {
    let scene = Scene::new();
    let file = scene.write(USER, "");
    for mode in [0o600, 0o644, 0o755, 0o444] {
        scene.mode(&file, mode);
        assert_eq!(scene.found()[0].1, Trust::Full, "{mode:o}");
    }
    for mode in [0o620, 0o602, 0o666, 0o664] {
        scene.mode(&file, mode);
        let error = scene.refused(&file);
        assert!(matches!(error, LayerError::Writable { mode: found, .. } if found == mode), "{error}");
        assert!(error.to_string().contains(&format!("mode {mode:04o}")), "{error}");
        assert!(error.to_string().contains("run `chmod go-w "), "{error}");
    }
    scene.mode(&file, 0o644);
    for path in ["home/.config/remgate", "home/.config", "home", "."] {
        let path = scene.at(path).canonicalize().expect("there");
        for mode in [0o775, 0o757] {
            scene.mode(&path, mode);
            assert!(matches!(scene.refused(&path), LayerError::Writable { .. }), "{mode:o}");
        }
        // On the way, as `/tmp` is, sticky is enough: nobody else can replace our name there. The directory of the
        // rules itself would take a stranger's file in as one more layer.
        scene.mode(&path, 0o1777);
        if path.ends_with("remgate") {
            assert!(matches!(scene.refused(&path), LayerError::Writable { .. }));
        } else {
            assert_eq!(scene.found().len(), 1, "{}", path.display());
        }
        scene.mode(&path, 0o755);
    }
    assert_eq!(scene.found().len(), 1);
}

/// A trusted file reached through a link: every directory that leads to the link or to its target counts.
#[test]
fn links_are_followed_only_between_believed_places() {
    let scene = Scene::new();
    let target = scene.write("outside/real.toml", "");
    let link = scene.at(USER);
    for text in [target.clone(), PathBuf::from("../../../outside/./real.toml")] {
        symlink(&text, &link).expect("link");
        assert_eq!(scene.found()[0].2, USER, "{}", text.display());
        scene.mode(&scene.at("outside"), 0o777);
        assert!(matches!(scene.refused(&scene.at("outside")), LayerError::Writable { .. }));
        scene.mode(&scene.at("outside"), 0o755);
        scene.mode(&target, 0o666);
        assert!(matches!(scene.refused(&target), LayerError::Writable { .. }));
        scene.mode(&target, 0o644);
        fs::remove_file(&link).expect("removed");
    }
    // A link to a link in a place where anybody can replace that second link.
    fs::create_dir(scene.at("open")).expect("directory");
    scene.mode(&scene.at("open"), 0o1777);
    symlink(&target, scene.at("open/second")).expect("link");
    symlink(scene.at("open/second"), &link).expect("link");
    assert!(matches!(scene.refused(&scene.at("open")), LayerError::Writable { .. }));
}

#[test]
fn a_layer_directory_may_be_a_link() {
    let scene = Scene::new();
    fs::rename(scene.at("home/.config"), scene.at("outside/config")).expect("moved");
    symlink("../outside/config", scene.at("home/.config")).expect("link");
    scene.write("outside/config/remgate/a.toml", "");
    assert_eq!(scene.found()[0].2, USER);
    scene.mode(&scene.at("outside"), 0o775);
    assert!(matches!(scene.refused(&scene.at("outside")), LayerError::Writable { .. }));
}

/// A link that leads nowhere was meant to lead to rules; treating it as absent would drop them.
#[test]
fn a_broken_link_is_an_error() {
    let scene = Scene::new();
    let link = scene.at(USER);
    symlink(scene.at("outside/gone.toml"), &link).expect("link");
    let error = scene.find().expect_err("dangling");
    assert!(matches!(&error, LayerError::Io { .. }), "{error}");
    fs::remove_file(&link).expect("removed");
    symlink(&link, &link).expect("link");
    let error = scene.find().expect_err("loop");
    assert!(error.to_string().contains("oo many levels of symbolic links"), "{error}");
    fs::remove_file(&link).expect("removed");
    fs::remove_dir(scene.at("home/.config/remgate")).expect("removed");
    symlink(scene.at("outside/gone"), scene.at("home/.config/remgate")).expect("link");
    scene.find().expect_err("dangling directory");
}

/// None of these may hang or be taken for text.
#[test]
fn odd_files_are_refused_at_once() {
    let scene = Scene::new();
    for path in [USER, "work/project/.remgate.toml"] {
        let path = scene.at(path);
        let make = |kind| mknodat(CWD, &path, kind, Mode::from_raw_mode(0o600), 0).expect("made");
        make(FileType::Fifo);
        assert!(matches!(scene.refused(&path), LayerError::Type { found: "a pipe", .. }));
        fs::remove_file(&path).expect("removed");
        make(FileType::Socket);
        assert!(matches!(scene.refused(&path), LayerError::Io { .. }));
        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("made");
        assert!(matches!(scene.refused(&path), LayerError::Type { found: "a directory", .. }));
        fs::remove_dir(&path).expect("removed");
    }
    symlink("/dev/zero", scene.at(USER)).expect("link");
    assert!(matches!(scene.find(), Err(LayerError::Type { found: "a device", .. })));
    fs::remove_file(scene.at(USER)).expect("removed");
    fs::remove_dir(scene.at("home/.config/remgate")).expect("removed");
    let error = {
        scene.write("home/.config/remgate", "");
        scene.find().expect_err("a file where the directory should be")
    };
    assert!(error.to_string().ends_with("nothing was run"), "{error}");
}

#[test]
fn texts_are_bounded_and_utf_8() {
    let scene = Scene::new();
    let read = || layers::read(&scene.find().expect("found")[0]);
    scene.write(USER, "\u{feff}# ä\r\n");
    let file = read().expect("read");
    assert_eq!(file.source.text, "# ä\r\n");
    // printf '\xef\xbb\xbf# \xc3\xa4\r\n' | sha256sum
    let digest = "164a4a1bf14a01a0e98e79d101330defaf4d1b8533b6c5bb941d3d49b2113eca";
    assert_eq!(file.digest.to_string(), digest, "of the bytes on disk");
    scene.write(USER, vec![b'#'; 4 << 20]);
    assert_eq!(read().expect("exactly at the bound").source.text.len(), 4 << 20);
    scene.write(USER, vec![b'#'; (4 << 20) + 1]);
    assert!(matches!(read().expect_err("too large"), LayerError::Large { .. }));
    scene.write(USER, b"# one\n# two \xff");
    let error = read().expect_err("not text");
    assert!(matches!(error, LayerError::Encoding { offset: 12, line: 2, .. }), "{error}");
}

#[test]
fn a_write_between_check_and_read_is_seen() {
    let scene = Scene::new();
    scene.write(USER, "# 1\n");
    let found = scene.find().expect("found");
    assert_eq!(layers::read(&found[0]).expect("read").source.text, "# 1\n");
    assert_eq!(layers::read(&found[0]).expect("read twice").source.text, "# 1\n");
    // The clock of the file system ticks every few milliseconds.
    std::thread::sleep(std::time::Duration::from_millis(50));
    fs::write(scene.at(USER), "# 2\n").expect("written");
    let error = layers::read(&found[0]).expect_err("changed");
    assert!(matches!(error, LayerError::Changed { .. }), "{error}");
}

#[test]
fn a_layer_holds_so_many_files_and_no_more() {
    let scene = Scene::new();
    for number in 0..layers::FILES {
        scene.write(&format!("home/.config/remgate/{number}.toml"), "");
    }
    assert_eq!(scene.found().len(), layers::FILES);
    scene.write("home/.config/remgate/more.toml", "");
    assert!(matches!(scene.refused(&scene.at("home/.config/remgate")), LayerError::Many { .. }));
}

/// A project may only tighten, so anybody may own its file, but nobody may make the gate quote another.
#[test]
fn a_project_file_is_taken_as_a_stranger() {
    let scene = Scene::new();
    let file = scene.write("work/project/.remgate.toml", "");
    scene.mode(&file, 0o666);
    scene.mode(&scene.at("work/project"), 0o777);
    if is_root() {
        chown(&file, Some(STRANGER), None).expect("given away");
    }
    let expected = (Layer::Project, Trust::TightenOnly, "work/project/.remgate.toml".to_owned());
    assert_eq!(scene.found(), [expected]);
    fs::remove_file(&file).expect("removed");
    symlink("/etc/shadow", &file).expect("link");
    assert!(matches!(scene.refused(&file), LayerError::Link { .. }));
    fs::remove_file(&file).expect("removed");
    symlink("nowhere", &file).expect("link");
    assert!(matches!(scene.refused(&file), LayerError::Link { .. }), "a dangling link is there");
}

#[test]
fn relative_places_are_refused() {
    let mut scene = Scene::new();
    scene.places.project_from = PathBuf::from("work");
    assert!(matches!(scene.refused(Path::new("work")), LayerError::Relative { .. }));
    scene.places.user = Some(PathBuf::from("home"));
    assert!(matches!(scene.refused(Path::new("home")), LayerError::Relative { .. }));
}

/// `XDG_CONFIG_HOME=/nowhere remgate ...` must not drop the account's rules.
#[test]
fn the_account_s_own_place_counts_beside_the_one_named_by_the_environment() {
    let mut scene = Scene::new();
    scene.write(USER, "");
    fs::create_dir(scene.at("account")).expect("directory");
    scene.write("account/a.toml", "");
    scene.places.account = Some(scene.at("account"));
    let expected = [
        (Layer::User, Trust::Full, "account/a.toml".to_owned()),
        (Layer::User, Trust::Full, USER.to_owned()),
    ];
    assert_eq!(scene.found(), expected);
}

#[test]
fn the_system_layer_belongs_to_root_alone() {
    if skipped_without_root("the_system_layer_belongs_to_root_alone") {
        return;
    }
    let scene = Scene::new();
    let file = scene.write("etc/remgate/a.toml", "");
    assert_eq!(scene.found()[0].1, Trust::Full);
    for path in [file, scene.at("etc/remgate"), scene.at("etc")] {
        chown(&path, Some(STRANGER), None).expect("given away");
        let error = scene.refused(&path);
        assert!(matches!(error, LayerError::Owner { owner: STRANGER, .. }), "{error}");
        assert!(error.to_string().contains("run `chown 0 "), "{error}");
        chown(&path, Some(0), None).expect("taken back");
    }
}

/// `sudo` with a kept `HOME`: root neither believes that account's rules nor drops them.
#[test]
fn root_takes_the_user_layer_of_another_account_to_tighten() {
    if skipped_without_root("root_takes_the_user_layer_of_another_account_to_tighten") {
        return;
    }
    let scene = Scene::new();
    let file = scene.write(USER, "");
    for path in [file.clone(), scene.at("home/.config/remgate"), scene.at("home")] {
        chown(&path, Some(STRANGER), None).expect("given away");
        let found = scene.find().expect("found");
        assert_eq!(found[0].trust(), Trust::TightenOnly);
        let why = found[0].why_only_tighten().expect("says why");
        assert!(why.contains(&format!("`{}` belongs to user id {STRANGER}", path.display())), "{why}");
        chown(&path, Some(0), None).expect("taken back");
    }
    chown(scene.at("home"), Some(STRANGER), None).expect("given away");
    fs::remove_file(&file).expect("removed");
    symlink("/etc/shadow", &file).expect("link");
    assert!(matches!(scene.refused(&file), LayerError::Link { .. }), "a stranger's link to what root reads");
}

/// What root's rights would hide: a copy of this binary runs the next test as another account.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test that must run under another user id")]
fn as_an_ordinary_account() {
    use std::os::unix::process::CommandExt;
    let exe = std::env::current_exe().expect("test binary");
    let args = ["--exact", "ordinary_account", "--ignored", "--nocapture"];
    let directory = TempDir::new_in(exe.parent().expect("directory")).expect("directory");
    let mut command = std::process::Command::new(&exe);
    if is_root() {
        // The scene is made beside the binary, so the copy lies where the account may write.
        let copy = directory.path().join("layers");
        fs::copy(&exe, &copy).expect("copied");
        let theirs = directory.path().join("theirs/remgate");
        fs::create_dir_all(&theirs).expect("directory");
        fs::write(theirs.join("a.toml"), "").expect("written");
        chown(theirs.join("a.toml"), Some(STRANGER), None).expect("given away");
        for path in [directory.path(), &directory.path().join("theirs"), &theirs] {
            fs::set_permissions(path, Permissions::from_mode(0o755)).expect("mode");
            chown(path, Some(65_534), Some(65_534)).expect("given away");
        }
        command = std::process::Command::new(&copy);
        command.uid(65_534).gid(65_534).env("REMGATE_TEST_THEIRS", theirs);
    }
    let output = command.args(args).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{error}");
}

#[test]
#[ignore = "run by as_an_ordinary_account, where root's rights hide nothing"]
fn ordinary_account() {
    assert!(!is_root());
    let mut scene = Scene::new();
    let file = scene.write(USER, "");
    for path in [file, scene.at("home/.config/remgate"), scene.at("home/.config")] {
        let mode = path.metadata().expect("there").permissions().mode();
        scene.mode(&path, 0o000);
        let error = scene.find().expect_err("unreadable");
        assert!(matches!(error, LayerError::Io { .. }), "{error}");
        assert!(error.to_string().ends_with("could forbid the command, so nothing was run"), "{error}");
        scene.mode(&path, mode & 0o777);
    }
    // Search permission without read permission (0711) is usual for a home, and must do on the way.
    #[cfg(target_os = "linux")]
    scene.mode(&scene.at("home"), 0o311);
    assert_eq!(scene.found().len(), 1);
    let project = scene.write("work/project/.remgate.toml", "");
    scene.mode(&project, 0o000);
    assert!(matches!(scene.refused(&project), LayerError::Io { .. }));
    scene.mode(&project, 0o644);
    scene.mode(&scene.at("work/project"), 0o000);
    scene.find().expect_err("a directory above that cannot be searched may hold rules");
    scene.mode(&scene.at("work/project"), 0o755);
    scene.mode(&scene.at("home"), 0o755);
    // Everything here belongs to this account, which is enough for the user layer and not for the system's.
    scene.places.system = scene.at("outside");
    let error = scene.find().expect_err("an account's own system layer");
    assert!(matches!(error, LayerError::Owner { layer: Layer::System, .. }), "{error}");
    assert!(error.to_string().contains("the system layer believes only root; "), "{error}");
    scene.places.system = scene.at("absent");
    match std::env::var_os("REMGATE_TEST_THEIRS") {
        None => println!("SKIPPED ordinary_account, a stranger's file: only root can give files away"),
        Some(theirs) => {
            scene.places.user = Some(PathBuf::from(&theirs));
            let error = scene.refused(&Path::new(&theirs).join("a.toml"));
            assert!(matches!(error, LayerError::Owner { owner: STRANGER, .. }), "{error}");
            assert!(error.to_string().contains("root and user id 65534"), "{error}");
        }
    }
}
