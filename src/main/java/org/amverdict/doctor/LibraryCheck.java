package org.amverdict.doctor;

import java.util.List;
import org.amverdict.host.Host;
import org.amverdict.text.Printable;

/** libnetfilter_queue can be loaded, and which version it is. */
final class LibraryCheck implements Check {
    private static final String SONAME = "libnetfilter_queue.so.1";
    private static final List<String> FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/lib/x86_64-linux-gnu",
            "/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/lib");

    @Override
    public String name() {
        return "library";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination) {
        final Host.Text loaded = host.queueLibrary();
        if (!loaded.ok()) {
            return List.of(Finding.fault(
                    Printable.of(loaded.text(), 200),
                    loaded.access() == Host.Access.MISSING ? "apt-get install libnetfilter-queue1" : "amverdict run"));
        }
        for (final String folder : FOLDERS) {
            final String file = host.link(folder + "/" + SONAME);
            if (file != null) {
                return List.of(Finding.ok(file + version(host)));
            }
        }
        return List.of(Finding.ok(SONAME + version(host)));
    }

    private static String version(final Host host) {
        final Host.Text version = host.run("dpkg", "dpkg-query", "-W", "-f", "${Version}", "libnetfilter-queue1");
        return version.ok() && !version.text().isBlank()
                ? ", package " + version.text().strip()
                : "";
    }
}
