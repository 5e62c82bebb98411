package dev.jloop.examples.site;

/// One page of the site.
///
/// @param path where it is served, beginning with a slash
/// @param html the whole document
public record Page(String path, String html) {}
