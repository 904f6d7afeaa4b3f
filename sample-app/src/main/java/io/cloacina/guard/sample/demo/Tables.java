// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static io.cloacina.guard.sample.demo.Screen.padded;

import io.cloacina.guard.sample.demo.Plugin.Treatment;
import io.cloacina.guard.sample.demo.Screen.Colour;
import java.util.List;

/** Shows what came of the runs: a line for each plugin, and a line for each event. */
final class Tables {

    private static final int VERDICT_WIDTH = 22;
    private static final int SIGNER_DIGITS = 12;
    private static final int TEXT_WIDTH = 92;

    private final Screen screen;

    Tables(Screen screen) {
        this.screen = screen;
    }

    void plugins(List<Plugin> plugins, HostRun enforcing, HostRun audit) {
        screen.note(screen.in(
                Colour.HEADING, row("plugin", "what was done to it", padded(29, "enforcing"), " audit mode")));
        for (Plugin plugin : plugins) {
            screen.note(row(
                    plugin.file(), plugin.treatment().words(), enforced(plugin, enforcing), audited(plugin, audit)));
        }
    }

    private static String row(String file, String treatment, String enforcing, String audit) {
        return padded(18, file) + " " + padded(30, treatment) + " " + enforcing + audit;
    }

    private String enforced(Plugin plugin, HostRun run) {
        String state = run.state(plugin);
        return switch (state) {
            case "loaded" -> screen.in(Colour.GOOD, padded(29, "loaded"));
            case "refused" -> screen.in(Colour.BAD, padded(29, "REFUSED  " + run.reason(plugin)));
            default -> screen.in(Colour.WARNING, padded(29, state));
        };
    }

    private String audited(Plugin plugin, HostRun run) {
        String state = run.state(plugin);
        if (!state.equals("loaded")) {
            return screen.in(Colour.BAD, " " + state);
        }
        return run.has(Event.LOADED, plugin, Event::isVerified)
                ? screen.in(Colour.GOOD, " loaded")
                : screen.in(Colour.WARNING, " loaded, on record");
    }

    /** What audit mode let run, and what the enforced host was told instead. */
    void whatRan(List<Plugin> plugins, HostRun enforcing, HostRun audit) {
        Plugin changed = plugins.stream()
                .filter(plugin -> plugin.treatment() == Treatment.CHANGED)
                .findFirst()
                .orElseThrow();
        screen.blank();
        screen.note("Audit mode let the changed one run, and it said: " + audit.words(changed));
        screen.note("Enforcing, the host was told about it:");
        for (String line : Screen.wrapped(TEXT_WIDTH, enforcing.words(changed))) {
            screen.note("    " + line);
        }
    }

    void events(HostRun run, String title) {
        screen.note(screen.in(
                Colour.HEADING, columns(title, "event", "package") + padded(VERDICT_WIDTH, "verdict") + "  signer"));
        for (Event event : run.events()) {
            String start = columns(event.time(), event.type(), orBlank(event.file()));
            String verdict = verdict(event);
            screen.note(
                    event.signer().equals(Event.NOTHING)
                            ? start + screen.in(colour(event), verdict)
                            : start + screen.in(colour(event), padded(VERDICT_WIDTH, verdict)) + "  "
                                    + shortened(event.signer()));
        }
    }

    private static String columns(String time, String type, String file) {
        return padded(15, time) + "  " + padded(20, type) + "  " + padded(18, file) + "  ";
    }

    private static String verdict(Event event) {
        return switch (event.type()) {
            case Event.LOADED -> event.isVerified() ? "verified" : orBlank(event.reason());
            case Event.REFUSED, Event.DEGRADED -> orBlank(event.reason());
            case Event.STOPPED -> event.verifiedCount() + " verified, " + event.refusedCount() + " refused";
            default -> orBlank(event.mode());
        };
    }

    private static Colour colour(Event event) {
        return switch (event.type()) {
            case Event.LOADED -> event.isVerified() ? Colour.GOOD : Colour.WARNING;
            case Event.REFUSED, Event.DEGRADED -> Colour.BAD;
            default -> Colour.ASIDE;
        };
    }

    private static String orBlank(String value) {
        return value.equals(Event.NOTHING) ? "" : value;
    }

    private static String shortened(String signer) {
        return signer.substring(0, Math.min(SIGNER_DIGITS, signer.length()));
    }
}
