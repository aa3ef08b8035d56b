//! Names that several programs must agree on.

/// API group of all kinds.
pub const GROUP: &str = "remanence.dev";
/// Label of a pod that names its Agent.
pub const AGENT_LABEL: &str = "remanence.dev/agent";
/// Annotation that makes a class the default one.
pub const DEFAULT_CLASS: &str = "remanence.dev/is-default-class";
/// Scheduling gate of a pod that waits for its memory.
pub const GATE: &str = "remanence.dev/memory";
/// The CSI driver of the node plugin.
pub const CSI_DRIVER: &str = "csi.remanence.dev";
/// Field manager of everything the operator applies.
pub const FIELD_MANAGER: &str = "remanence-operator";
/// Audience of the token that a pod shows the broker.
pub const AUDIENCE: &str = "broker.remanence.dev";
/// Annotation of the operator's Lease: the version that led last.
pub const VERSION_ANNOTATION: &str = "remanence.dev/version";
/// Finalizer of stores whose bucket needs a marker when they are deleted.
pub const FINALIZER: &str = "remanence.dev/store";
/// Label of what the operator made, with [`MANAGER`] as its value.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The operator, as a label's value.
pub const MANAGER: &str = "remanence";
/// Annotation of a store that was made because an Agent said `create: true`: that Agent's name.
pub const MADE_FOR: &str = "remanence.dev/made-for";

/// Label of a dreamer's Jobs and pods, and of the `CronJob` that makes them.
pub const DREAMER_LABEL: &str = "remanence.dev/dreamer";
/// Label of what belongs to a `DreamSchedule`, its Dreams included: the schedule's name.
pub const SCHEDULE_LABEL: &str = "remanence.dev/schedule";
/// Label of the Job and the pod of a Dream that was made by hand: the Dream's name.
pub const DREAM_LABEL: &str = "remanence.dev/dream";
/// Annotation of a `CronJob` that tells what it was built from.
pub const BUILT_ANNOTATION: &str = "remanence.dev/built-from";

/// The injected sidecar's container name.
pub const SIDECAR: &str = "remanence";
/// Volume that carries the mount.
pub const MEMORY_VOLUME: &str = "remanence-memory";
/// Volume that carries the hand-over socket.
pub const HANDOVER_VOLUME: &str = "remanence-handover";
/// Volume of the sidecar's cache and journal.
pub const CACHE_VOLUME: &str = "remanence-cache";
/// Volume of the broker's token.
pub const TOKEN_VOLUME: &str = "remanence-token";
/// Volume of the generated settings of a harness.
pub const SETTINGS_VOLUME: &str = "remanence-settings";
/// Annotation of a pod that holds a harness's generated settings.
pub const SETTINGS_ANNOTATION: &str = "remanence.dev/managed-settings";
/// Annotation of a pod that says what was injected into it.
pub const INJECTION_ANNOTATION: &str = "remanence.dev/injection";
/// Where agents find their memory.
pub const MOUNT_PATH: &str = "/mnt/memory";
/// The session store's folder below the mount.
pub const SESSIONS_FOLDER: &str = ".sessions";
/// The note's file below the mount.
pub const NOTE: &str = "CLAUDE.md";

/// Name of an Agent's session store.
pub fn session_store(agent: &str) -> String {
    format!("{agent}-sessions")
}
