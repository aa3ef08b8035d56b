//! Tells the kubelet that the driver is here.

use tonic::{Request, Response, Status};

use crate::DRIVER;
use crate::messages::registration::registration_server::Registration;
use crate::messages::registration::{InfoRequest, PluginInfo, RegistrationStatus, RegistrationStatusResponse};

/// Answers the kubelet's plugin manager.
pub(crate) struct Service {
    /// The CSI socket, as the kubelet sees it.
    pub(crate) endpoint: String,
}

#[tonic::async_trait]
impl Registration for Service {
    async fn get_info(&self, _: Request<InfoRequest>) -> Result<Response<PluginInfo>, Status> {
        Ok(Response::new(PluginInfo {
            r#type: "CSIPlugin".into(),
            name: DRIVER.into(),
            endpoint: self.endpoint.clone(),
            supported_versions: vec!["1.0.0".into()],
        }))
    }

    async fn notify_registration_status(
        &self,
        request: Request<RegistrationStatus>,
    ) -> Result<Response<RegistrationStatusResponse>, Status> {
        let status = request.into_inner();
        if status.plugin_registered {
            tracing::info!("registered with the kubelet");
        } else {
            tracing::error!(error = status.error, "the kubelet does not take the driver");
        }
        Ok(Response::new(RegistrationStatusResponse {}))
    }
}
