// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code verify} as scripts ask for it, without picocli, which takes as long to start as the rest of a
 * verification: long options with a value behind them, {@code --json}, and files. Whatever else there may be, also what
 * is wrong, is picocli's.
 */
final class PlainVerify {

    private static final String VERB = "verify";
    private static final List<String> COMMON = List.of("--store", "--org", "--kek-file", "--audit");
    private static final List<String> OWN = List.of("--public-key", "--signature", "--source", "--required-signers");
    private static final String TREE = "--tree";
    private static final String JSON = "--json";

    private final Map<String, String> values = new HashMap<>();
    private final List<String> files = new ArrayList<>();
    private final List<String> trees = new ArrayList<>();
    private boolean verb;

    private PlainVerify() {}

    /**
     * @param options is given the common options; left as it is if the answer is null
     * @return the command, ready to be called; null if picocli must read the arguments
     */
    static @Nullable VerifyCommand read(String[] arguments, RootCommand options, Cli cli) {
        PlainVerify plain = new PlainVerify();
        for (int i = 0; i < arguments.length; i++) {
            int used = plain.take(arguments, i);
            if (used == 0) {
                return null;
            }
            i += used - 1;
        }
        VerifyCommand command = new VerifyCommand(
                cli,
                plain.files,
                plain.trees,
                plain.values.get("--public-key"),
                plain.values.get("--signature"),
                plain.values.get("--source"),
                plain.values.get("--required-signers"));
        if (!plain.verb || command.problem() != null) {
            return null;
        }
        options.store = plain.values.get("--store");
        options.org = plain.values.get("--org");
        options.kekFile = plain.values.get("--kek-file");
        options.audit = plain.values.get("--audit");
        options.json = plain.values.containsKey(JSON);
        return command;
    }

    /** How many arguments from {@code i} on were understood; 0 for none. */
    private int take(String[] arguments, int i) {
        String argument = arguments[i];
        if (!argument.startsWith("-")) {
            if (verb) {
                files.add(argument);
                return 1;
            }
            verb = argument.equals(VERB);
            return verb ? 1 : 0;
        }
        if (argument.equals(JSON)) {
            return values.put(JSON, "") == null ? 1 : 0;
        }
        boolean known = COMMON.contains(argument) || verb && (OWN.contains(argument) || argument.equals(TREE));
        if (!known || i + 1 == arguments.length || arguments[i + 1].isEmpty() || arguments[i + 1].startsWith("-")) {
            return 0;
        }
        if (argument.equals(TREE)) {
            trees.add(arguments[i + 1]);
            return 2;
        }
        return values.put(argument, arguments[i + 1]) == null ? 2 : 0;
    }
}
