package dev.jloop.examples.site;

import static dev.jloop.examples.site.HtmlPage.escape;
import static dev.jloop.examples.site.HtmlPage.link;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The pages of the demo: a front page, one for each module, one for each exported package, and an
/// index of types by their first letter. The same JDK gives the same pages, byte for byte.
/// Immutable.
///
/// Each page can be reached from the front page, and only by following links.
public final class DemoSite {
    private static final int MOST_INDEXED = 200;

    private final JdkCatalog catalog;
    private final SequencedMap<String, Page> pages = new LinkedHashMap<>();
    private final List<JdkCatalog.PackageEntry> packages;
    private final SequencedMap<String, String> moduleOfPackage = new LinkedHashMap<>();
    private final TreeMap<Character, List<IndexEntry>> index = new TreeMap<>();

    private record IndexEntry(String type, String packageName) {}

    private DemoSite(JdkCatalog catalog) {
        this.catalog = catalog;
        this.packages =
                catalog.modules().values().stream()
                        .flatMap(module -> module.packages().values().stream())
                        .toList();
        for (var module : catalog.modules().values()) {
            module.packages().keySet().forEach(name -> moduleOfPackage.put(name, module.name()));
        }
        for (var each : packages) {
            for (var type : each.types()) {
                index.computeIfAbsent(Character.toUpperCase(type.charAt(0)), _ -> new ArrayList<>())
                        .add(new IndexEntry(type, each.name()));
            }
        }
        writePages();
    }

    /// {@return the site about that catalogue}
    ///
    /// @param catalog what the site is about
    public static DemoSite of(JdkCatalog catalog) {
        return new DemoSite(catalog);
    }

    /// {@return all pages, the front page first}
    public Collection<Page> pages() {
        return Collections.unmodifiableCollection(pages.values());
    }

    /// {@return the page served at `path`, or empty if there is none}
    ///
    /// @param path beginning with a slash
    public Optional<Page> page(String path) {
        return Optional.ofNullable(pages.get(path));
    }

    private void writePages() {
        add(frontPage());
        catalog.modules().values().forEach(module -> add(modulePage(module)));
        for (int i = 0; i < packages.size(); i++) {
            add(packagePage(i));
        }
        index.forEach((letter, entries) -> add(indexPage(letter, entries)));
    }

    private void add(HtmlPage page) {
        var finished = page.toPage();
        pages.put(finished.path(), finished);
    }

    private HtmlPage frontPage() {
        int types = packages.stream().mapToInt(each -> each.types().size()).sum();
        return new HtmlPage("/", "The JDK, page by page")
                .paragraph(
                        "This JDK consists of %d modules. Together they export %d packages with %d top-level types."
                                .formatted(catalog.modules().size(), packages.size(), types))
                .paragraph(
                        "Pick a module to read what it requires and what it exports, or look a type"
                            + " up by its first letter. Every page here is real, small, and served"
                            + " after a short wait, as the pages of a far-away server are.")
                .heading("Modules")
                .list(
                        catalog.modules().values(),
                        module ->
                                moduleLink(module.name())
                                        + ", "
                                        + count(module.packages().size(), "exported package"))
                .heading("Types by first letter")
                .list(index.keySet(), letter -> link(indexPath(letter), "Types with " + letter));
    }

    private HtmlPage modulePage(JdkCatalog.ModuleEntry module) {
        var requiredBy =
                catalog.modules().values().stream()
                        .filter(other -> other.requires().contains(module.name()))
                        .map(JdkCatalog.ModuleEntry::name)
                        .toList();
        var page = new HtmlPage(modulePath(module.name()), "Module " + module.name());
        page.paragraph(
                "Module <b>%s</b> exports %s to everybody and keeps %s to itself."
                        .formatted(
                                escape(module.name()),
                                count(module.packages().size(), "package"),
                                count(module.hiddenPackages(), "package")));
        page.paragraph(
                "It requires %s and is required by %s of this JDK."
                        .formatted(
                                count(module.requires().size(), "module"),
                                count(requiredBy.size(), "module")));
        page.heading("Exports")
                .list(
                        module.packages().values(),
                        each ->
                                packageLink(each.name())
                                        + " with "
                                        + count(each.types().size(), "type"));
        page.heading("Requires").list(module.requires(), this::moduleLink);
        return page.heading("Required by").list(requiredBy, this::moduleLink);
    }

    private HtmlPage packagePage(int position) {
        var each = packages.get(position);
        var types = each.types();
        var page = new HtmlPage(packagePath(each.name()), "Package " + each.name());
        page.paragraph(
                "Package <b>%s</b> belongs to module %s. It holds %s, in which %s nested."
                        .formatted(
                                escape(each.name()),
                                moduleLink(moduleOfPackage.getOrDefault(each.name(), "")),
                                count(types.size(), "top-level type"),
                                each.nestedTypes() == 1
                                        ? "one more is"
                                        : each.nestedTypes() + " more are"));
        page.paragraph(
                "By their names %s, %s, and %s."
                        .formatted(
                                named(types, "Exception", "is an exception", "are exceptions"),
                                named(types, "Listener", "listens to events", "listen to events"),
                                named(types, "Factory", "makes objects", "make objects")));
        page.heading("Types").list(types, HtmlPage::escape);
        return page.heading("See also").list(neighbours(position), this::packageLink);
    }

    /// The packages before and after, and those that are one level up or down in the name.
    private List<String> neighbours(int position) {
        var name = packages.get(position).name();
        var before = packages.get((position + packages.size() - 1) % packages.size()).name();
        var after = packages.get((position + 1) % packages.size()).name();
        var family =
                moduleOfPackage.keySet().stream()
                        .filter(other -> isParent(name, other) || isParent(other, name));
        return Stream.concat(Stream.of(before, after), family)
                .distinct()
                .filter(other -> !other.equals(name))
                .toList();
    }

    private static boolean isParent(String parent, String child) {
        return child.lastIndexOf('.') == parent.length() && child.startsWith(parent);
    }

    private HtmlPage indexPage(char letter, List<IndexEntry> entries) {
        var shown = entries.subList(0, Math.min(entries.size(), MOST_INDEXED));
        return new HtmlPage(indexPath(letter), "Types with " + letter)
                .paragraph(
                        "%s of this JDK begin with the letter %s; %s."
                                .formatted(
                                        count(entries.size(), "exported type"),
                                        escape(String.valueOf(letter)),
                                        shown.size() == entries.size()
                                                ? "all are listed here"
                                                : "the first " + shown.size() + " are listed here"))
                .list(
                        shown,
                        entry -> escape(entry.type()) + " in " + packageLink(entry.packageName()));
    }

    private String moduleLink(String name) {
        return catalog.modules().containsKey(name) ? link(modulePath(name), name) : escape(name);
    }

    private String packageLink(String name) {
        return link(packagePath(name), name);
    }

    private static String modulePath(String name) {
        return "/module/" + name;
    }

    private static String packagePath(String name) {
        return "/package/" + name;
    }

    private static String indexPath(char letter) {
        return "/types/" + String.valueOf(letter).toLowerCase(Locale.ROOT);
    }

    private static String count(int number, String noun) {
        return switch (number) {
            case 0 -> "no " + noun;
            case 1 -> "one " + noun;
            default -> number + " " + noun + "s";
        };
    }

    private static String named(List<String> types, String ending, String one, String several) {
        long number = types.stream().filter(type -> type.endsWith(ending)).count();
        return number == 1 ? "one " + one : (number == 0 ? "none" : number) + " " + several;
    }
}
