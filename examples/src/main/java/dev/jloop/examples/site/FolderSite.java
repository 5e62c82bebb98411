package dev.jloop.examples.site;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jloop.examples.http.server.Answer;
import dev.jloop.examples.http.server.HttpHandler;
import dev.jloop.examples.http.server.Request;
import dev.jloop.executor.AsyncFiles;
import dev.jloop.executor.Offload;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The files below a folder. A folder is answered with its `index.html`, or with a list of what is
/// in it.
///
/// Symbolic links are followed as long as they stay inside; what leads outside is forbidden, by
/// links as by `..`. That holds against clients: whoever may write to the folder can replace a file
/// by a link in the moment between the check and the opening.
///
/// The files are looked up on other threads, and sent by `Transport.sendFile`.
public final class FolderSite implements HttpHandler {
    private static final String INDEX = "index.html";

    private final Path root;

    private FolderSite(Path root) {
        this.root = root;
    }

    /// A path that a client asks for, with `.` and `..` resolved.
    ///
    /// @param names the names of folders and file
    /// @param isFolder whether it ends as that of a folder
    private record Location(List<String> names, boolean isFolder) {
        /// {@return the location, or empty if it is above the root}
        static Optional<Location> of(String path) {
            var names = new ArrayList<String>();
            var parts = path.split("/", -1);
            for (var part : parts) {
                if (part.equals("..")) {
                    if (names.isEmpty()) {
                        return Optional.empty();
                    }
                    names.removeLast();
                } else if (!part.isEmpty() && !part.equals(".")) {
                    names.add(part);
                }
            }
            var last = parts[parts.length - 1];
            return Optional.of(
                    new Location(
                            List.copyOf(names),
                            last.isEmpty() || last.equals(".") || last.equals("..")));
        }

        /// {@return the path of the folder, percent-encoded}
        String asFolder() {
            return names.isEmpty() ? "/" : encode("/" + String.join("/", names) + "/");
        }

        /// {@return the path of what is in the folder, percent-encoded}
        String entry(String name) {
            return asFolder() + encode("/" + name).substring(1);
        }

        private static String encode(String path) {
            try {
                return new URI(null, null, path, null).toASCIIString();
            } catch (URISyntaxException impossible) {
                throw new IllegalArgumentException("not a path: " + path, impossible);
            }
        }
    }

    /// {@return the site of a folder} Looks at the folder: call it off the loop.
    ///
    /// @param folder what to serve
    /// @throws IOException if it is no folder that can be read; the message names it
    public static FolderSite of(Path folder) throws IOException {
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            throw new NotDirectoryException(folder + " (it is no folder that can be read)");
        }
        return new FolderSite(folder.toRealPath());
    }

    @Override
    public Answer handle(Request request) throws IOException {
        var location = Location.of(request.decodedPath());
        if (location.isEmpty()) {
            return Answer.text(403, "that is outside of what is served");
        }
        var opened = new OpenedFile();
        var done = false;
        try {
            var answer =
                    Offload.<Answer, IOException>toThread(
                            () -> answer(request, location.get(), opened), AsyncFiles.limiter());
            done = true;
            return answer;
        } finally {
            if (!done) {
                opened.abandon();
            }
        }
    }

    /// On another thread.
    private Answer answer(Request request, Location location, OpenedFile opened)
            throws IOException {
        try {
            var path = resolve(location);
            if (!path.startsWith(root)) {
                return Answer.text(403, "that is outside of what is served");
            }
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                return folder(request, location, path, opened);
            }
            if (location.isFolder()) {
                return notFound();
            }
            return attributes.isRegularFile()
                    ? file(request, path, attributes, opened)
                    : Answer.text(403, "that is no regular file");
        } catch (AccessDeniedException _) {
            return Answer.text(403, "the server may not read that");
        } catch (NoSuchFileException | InvalidPathException _) {
            return notFound();
        }
    }

    private Path resolve(Location location) throws IOException {
        var path = root;
        for (var name : location.names()) {
            path = path.resolve(name);
        }
        try {
            return path.toRealPath();
        } catch (AccessDeniedException denied) {
            throw denied;
        } catch (FileSystemException missing) {
            // It may also be that there cannot be one: a name is too long, a link goes in circles,
            // or a file is taken for a folder.
            throw new NoSuchFileException(path.toString(), null, missing.getReason());
        }
    }

    private static Answer notFound() {
        return Answer.text(404, "there is no such file");
    }

    private Answer folder(Request request, Location location, Path path, OpenedFile opened)
            throws IOException {
        if (!location.isFolder()) {
            int query = request.target().indexOf('?');
            return Answer.text(301, "that is a folder")
                    .withHeader(
                            "Location",
                            location.asFolder()
                                    + (query < 0 ? "" : request.target().substring(query)));
        }
        var index = path.resolve(INDEX);
        if (Files.isRegularFile(index) && index.toRealPath().startsWith(root)) {
            return file(
                    request, index, Files.readAttributes(index, BasicFileAttributes.class), opened);
        }
        return list(location, path);
    }

    private static Answer list(Location location, Path folder) throws IOException {
        List<String> names;
        try (var entries = Files.list(folder)) {
            names =
                    entries.map(entry -> name(entry) + (Files.isDirectory(entry) ? "/" : ""))
                            .sorted()
                            .toList();
        }
        var page =
                new HtmlPage(location.asFolder(), "/" + String.join("/", location.names()))
                        .list(names, name -> HtmlPage.link(location.entry(name), name))
                        .toPage();
        return Answer.of(200, HtmlPage.CONTENT_TYPE, page.html().getBytes(UTF_8));
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static Answer file(
            Request request, Path path, BasicFileAttributes attributes, OpenedFile opened)
            throws IOException {
        var modified = attributes.lastModifiedTime().toInstant();
        if (isKnown(request, modified)) {
            return Answer.empty(304).withHeader("Last-Modified", HttpDates.print(modified));
        }
        var file = opened.open(path);
        var answer =
                part(request, file, modified)
                        .withHeader("Last-Modified", HttpDates.print(modified))
                        .withHeader("Accept-Ranges", "bytes");
        return answer.status() == 416
                ? answer
                : answer.withHeader("Content-Type", contentType(name(path)))
                        .withHeader("X-Content-Type-Options", "nosniff");
    }

    private static boolean isKnown(Request request, Instant modified) {
        return request.header("If-Modified-Since")
                .flatMap(HttpDates::parse)
                .filter(known -> !modified.isAfter(known.plusMillis(999)))
                .isPresent();
    }

    private static Answer part(Request request, FileChannel file, Instant modified)
            throws IOException {
        long size = file.size();
        // The part of another version of the file would be of no use.
        boolean sameVersion =
                request.header("If-Range")
                        .map(version -> version.equals(HttpDates.print(modified)))
                        .orElse(true);
        var range =
                request.header("Range")
                        .filter(_ -> sameVersion && request.method().equals("GET"))
                        .flatMap(field -> ByteRange.parse(field, size));
        if (range.isEmpty()) {
            return Answer.file(200, file, 0, size);
        }
        var asked = range.get();
        return Answer.file(asked.count() == 0 ? 416 : 206, file, asked.offset(), asked.count())
                .withHeader("Content-Range", asked.describe(size));
    }

    private static String contentType(String name) {
        var type = URLConnection.guessContentTypeFromName(name);
        if (type == null) {
            return "application/octet-stream";
        }
        return type.startsWith("text/") ? type + "; charset=utf-8" : type;
    }
}
