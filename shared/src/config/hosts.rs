//! Names under which the server may be addressed.

use super::{ConfigError, settings::Layers, value::list};

/// Values of the Host header: a name or an address, with a port or without.
pub(super) fn hosts(get: &Layers) -> Result<Vec<String>, ConfigError> {
    let name = "ANALYZE_ALLOWED_HOSTS";
    let hosts = list(get, name);
    if hosts.iter().all(|host| is_host(host)) {
        Ok(hosts)
    } else {
        Err(get.wrong(
            name,
            "names or addresses such as box.lan or box.lan:8000, without scheme and path",
        ))
    }
}

fn is_host(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return address.parse::<std::net::Ipv6Addr>().is_ok() && is_port;
    }
    let (name, port) = text
        .split_once(':')
        .map_or((text, None), |(name, port)| (name, Some(port)));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty() && name.bytes().all(plain) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}
