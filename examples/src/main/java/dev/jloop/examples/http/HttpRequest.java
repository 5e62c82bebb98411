package dev.jloop.examples.http;

/// A request without a body.
///
/// @param method the method, in the case it was sent
/// @param target what stands between the method and the version, for instance `/path?query`
/// @param minorVersion 0 for HTTP/1.0, 1 for HTTP/1.1
/// @param headers the header fields
public record HttpRequest(String method, String target, int minorVersion, Headers headers) {
    /// {@return the target without its query}
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /// {@return whether the sender wants to use the connection for another request}
    boolean keepsAlive() {
        var options = headers.members("Connection");
        return minorVersion == 0 ? options.contains("keep-alive") : !options.contains("close");
    }
}
