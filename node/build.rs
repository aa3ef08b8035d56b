//! Compiles the messages; needs no protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["csi.proto", "registration.proto"];
    for file in files {
        println!("cargo:rerun-if-changed=proto/{file}");
    }
    let descriptors = protox::compile(files, ["proto"])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
