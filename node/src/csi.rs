//! The kubelet's calls.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use crate::messages::csi::node_server::Node;
use crate::messages::csi::{
    NodeGetCapabilitiesRequest, NodeGetCapabilitiesResponse, NodeGetInfoRequest, NodeGetInfoResponse,
    NodePublishVolumeRequest, NodePublishVolumeResponse, NodeUnpublishVolumeRequest, NodeUnpublishVolumeResponse,
};
use crate::pods::Pods;
use crate::volume::{Volume, VolumeError, role};

/// Answers the kubelet.
pub(crate) struct Service {
    pub(crate) pods: Arc<Pods>,
    pub(crate) node: String,
}

impl From<VolumeError> for Status {
    fn from(error: VolumeError) -> Self {
        Status::invalid_argument(error.to_string())
    }
}

#[tonic::async_trait]
impl Node for Service {
    async fn node_publish_volume(
        &self,
        request: Request<NodePublishVolumeRequest>,
    ) -> Result<Response<NodePublishVolumeResponse>, Status> {
        let request = request.into_inner();
        let volume = Volume::at(self.pods.kubelet(), &request.target_path)?;
        let role = role(&volume, &request.volume_context)?;
        let pods = self.pods.clone();
        let target = request.target_path;
        blocking(
            move || pods.publish(volume, role),
            move |error| format!("{target}: can't be published: {error}"),
        )
        .await?;
        Ok(Response::new(NodePublishVolumeResponse {}))
    }

    async fn node_unpublish_volume(
        &self,
        request: Request<NodeUnpublishVolumeRequest>,
    ) -> Result<Response<NodeUnpublishVolumeResponse>, Status> {
        let target = request.into_inner().target_path;
        let volume = Volume::at(self.pods.kubelet(), &target)?;
        let pods = self.pods.clone();
        blocking(
            move || pods.unpublish(&volume),
            move |error| format!("{target}: can't be removed: {error}"),
        )
        .await?;
        Ok(Response::new(NodeUnpublishVolumeResponse {}))
    }

    async fn node_get_capabilities(
        &self,
        _: Request<NodeGetCapabilitiesRequest>,
    ) -> Result<Response<NodeGetCapabilitiesResponse>, Status> {
        Ok(Response::new(NodeGetCapabilitiesResponse {}))
    }

    async fn node_get_info(&self, _: Request<NodeGetInfoRequest>) -> Result<Response<NodeGetInfoResponse>, Status> {
        Ok(Response::new(NodeGetInfoResponse {
            node_id: self.node.clone(),
            max_volumes_per_node: 0,
        }))
    }
}

async fn blocking(
    work: impl FnOnce() -> std::io::Result<()> + Send + 'static,
    say: impl FnOnce(std::io::Error) -> String,
) -> Result<(), Status> {
    let result = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|e| Err(std::io::Error::other(e)));
    result.map_err(|error| {
        let message = say(error);
        tracing::error!("{message}");
        Status::internal(message)
    })
}
