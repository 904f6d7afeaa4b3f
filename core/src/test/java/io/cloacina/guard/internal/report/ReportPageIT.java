// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser, where there is one. */
class ReportPageIT {

    /** Shows the page in a frame as wide as a phone and as a desk, and writes down what it finds. */
    private static final String PROBE = """
            <!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><title>probe</title>
            <iframe src="/report.html" width="%d" height="900"></iframe><pre></pre>
            <script>
            document.querySelector('iframe').addEventListener('load', function (event) {
              var page = event.target.contentDocument;
              var root = page.documentElement;
              var filter = page.querySelector('.filter input');
              var shown = function () { return page.querySelectorAll('.find:not([hidden])').length; };
              var all = shown();
              if (filter) {
                filter.value = 'tampered-one';
                filter.dispatchEvent(new Event('input'));
              }
              document.querySelector('pre').textContent = [
                'width=' + root.clientWidth, 'needs=' + root.scrollWidth,
                'bars=' + page.querySelectorAll('.plot g').length,
                'drawn=' + Math.round(page.querySelector('.plot rect.o0').getBoundingClientRect().height),
                'styled=' + getComputedStyle(page.querySelector('.tiles')).display,
                'copy=' + page.querySelectorAll('.copy button').length,
                'commands=' + page.querySelectorAll('.find pre, .todo pre').length,
                'findings=' + all, 'filtered=' + shown(),
                'images=' + page.images.length, 'scripts=' + page.scripts.length].join(' ');
            });
            </script>
            """;

    private static final List<String> BROWSERS = List.of("chromium", "chromium-browser", "google-chrome");

    /** What Chromium asks its maker for whatever page it shows: time and updates. It ends at our proxy. */
    private static final Pattern BROWSERS_OWN =
            Pattern.compile("http://[a-z0-9.]+\\.(google|googleapis)\\.com/(time|service/update2)/.*");

    @TempDir
    Path folder;

    private static Path browser() {
        for (String part : System.getenv().getOrDefault("PATH", "").split(":")) {
            for (String name : BROWSERS) {
                Path program = Path.of(part, name);
                if (Files.isExecutable(program)) {
                    return program;
                }
            }
        }
        assumeTrue(false, "no Chromium is installed: the page is not looked at in a browser");
        throw new AssertionError();
    }

    private record Shown(Map<String, String> found, String said, List<String> asked) {}

    private Shown show(String page, int width) throws Exception {
        Path browser = browser();
        ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().toString();
            if (!BROWSERS_OWN.matcher(path).matches()) {
                asked.add(path);
            }
            String content = path.endsWith("/report.html") ? page : PROBE.formatted(width);
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, bytes.length);
            try (var out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        });
        server.start();
        String address = "127.0.0.1:" + server.getAddress().getPort();
        Path said = folder.resolve("said");
        try {
            List<String> command = new ArrayList<>(List.of(browser.toString()));
            command.addAll(List.of(
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--disable-dev-shm-usage",
                    "--user-data-dir=" + folder.resolve("profile"),
                    // Whatever else it would ask the network for comes here too.
                    "--proxy-server=http://" + address,
                    "--enable-logging=stderr",
                    "--window-size=1400,1000",
                    "--virtual-time-budget=5000",
                    "--dump-dom",
                    "http://" + address + "/probe.html"));
            Process process =
                    new ProcessBuilder(command).redirectError(said.toFile()).start();
            String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the browser ended");
            Matcher found = Pattern.compile("<pre>(.*?)</pre>").matcher(dom);
            assertTrue(found.find(), () -> dom);
            Map<String, String> values = new java.util.HashMap<>();
            for (String pair : found.group(1).split(" ")) {
                values.put(pair.replaceFirst("=.*", ""), pair.replaceFirst(".*?=", ""));
            }
            return new Shown(values, Files.readString(said), List.copyOf(asked));
        } finally {
            server.stop(0);
        }
    }

    private static String page() throws Exception {
        Lines lines = HtmlReportTest.hostile();
        for (int i = 0; i < 40; i++) {
            lines.at(Lines.NOON.plusSeconds(i * 3600L))
                    .on("a-host-with-a-long-name-" + i + ".department.example.org", i)
                    .verified("/srv/plugins/" + "a-very-long-name".repeat(12) + i + ".jar")
                    .unsigned("/srv/" + "w".repeat(300) + i + ".jar");
        }
        lines.wouldBeRefused("/srv/tampered-one.jar", "tampered_package", Lines.RELEASE, "jar", "e".repeat(900));
        return HtmlReportTest.page(lines);
    }

    @ParameterizedTest
    @ValueSource(ints = {320, 400, 760, 1280})
    void page_anyWidth_isDrawnWithoutScrollingSidewaysErrorsOrNetwork(int width) throws Exception {
        Shown shown = show(page(), width);

        Map<String, String> found = shown.found();
        assertTrue(Integer.parseInt(found.get("bars")) >= 20, found::toString);
        assertTrue(Integer.parseInt(found.get("drawn")) > 10, found::toString);
        assertEquals("grid", found.get("styled"), "the policy lets the style in");
        assertEquals(found.get("commands"), found.get("copy"), "the policy lets the script in");
        assertTrue(Integer.parseInt(found.get("findings")) >= 40, found::toString);
        assertEquals("1", found.get("filtered"));
        assertEquals("0", found.get("images"));
        assertEquals("1", found.get("scripts"));
        assertTrue(Integer.parseInt(found.get("needs")) <= Integer.parseInt(found.get("width")), found::toString);
        assertTrue(shown.said().lines().noneMatch(line -> line.contains("CONSOLE")), shown::said);
        assertEquals(List.of("/probe.html", "/report.html"), shown.asked());
    }

    @Test
    void page_thatBreaksItsPolicy_wouldBeNoticed() throws Exception {
        Shown shown = show(page().replace("</main>", "<img src=\"/x.png\" alt=\"\"><script>1</script></main>"), 400);

        assertTrue(shown.said().lines().anyMatch(line -> line.contains("CONSOLE")), shown::said);
        assertTrue(Stream.of("/x.png").noneMatch(shown.asked()::contains));
    }
}
