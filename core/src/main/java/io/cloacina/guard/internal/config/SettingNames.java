// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.NearestName;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the names of settings are right: a setting whose name was not understood would be left out in silence, and the
 * default would take its place.
 *
 * <p>An unknown {@code cloacina.*} property is always a mistake. Environment variables {@code CLOACINA_*} are shared with the
 * command line and with the workflow engine, so only those are mistakes that nearly have the name of a setting.
 */
final class SettingNames {

    private static final String PREFIX = GuardConfig.PREFIX;
    private static final String FIRST_WORD = "cloacina";
    private static final String ENGINE_VALUES = "CLOACINA_VAR_";
    private static final int SHORTEST_ABBREVIATION = 3;

    /** Of the command line, which does not read them as settings. */
    private static final Set<String> OTHERS =
            Set.of("CLOACINA_ORG_ID", "CLOACINA_KEY_ENCRYPTION_KEY", "CLOACINA_NEW_KEY_ENCRYPTION_KEY");

    private final Set<String> known;

    /** @param known all properties */
    SettingNames(Set<String> known) {
        this.known = known;
    }

    /** @throws ConfigException for the first name, by its spelling, that is wrong */
    void require(Set<String> properties, Map<String, String> environment) throws ConfigException {
        String property = null;
        for (String name : properties) {
            if (isFirst(name, property) && isWrongProperty(name)) {
                property = name;
            }
        }
        if (property != null) {
            throw new ConfigException(
                    "unknown property [" + KeyText.shown(property) + "]; did you mean [" + nearest(property) + "]?");
        }
        String variable = null;
        for (Map.Entry<String, String> entry : environment.entrySet()) {
            String name = entry.getKey();
            // One that is empty counts as not set.
            if (isFirst(name, variable) && !entry.getValue().isEmpty() && isWrongVariable(name)) {
                variable = name;
            }
        }
        if (variable != null) {
            throw new ConfigException("unknown environment variable [" + KeyText.shown(variable) + "]; did you mean ["
                    + variableOf(nearest(variable)) + "]?");
        }
    }

    private static boolean isFirst(String name, @Nullable String before) {
        return before == null || name.compareTo(before) < 0;
    }

    private boolean isWrongProperty(String name) {
        return name.startsWith(PREFIX) ? !known.contains(name) : resembles(name) && isNearMiss(name);
    }

    private boolean isWrongVariable(String name) {
        if (!resembles(name) || name.startsWith(ENGINE_VALUES) || OTHERS.contains(name)) {
            return false;
        }
        for (String property : known) {
            if (variableOf(property).equals(name)) {
                return false;
            }
        }
        return isNearMiss(name);
    }

    /** Whether the name begins nearly as all settings do: what others it may be near to need not be looked at else. */
    static boolean resembles(String name) {
        int length = FIRST_WORD.length();
        return name.length() > length
                && (name.charAt(0) | 0x20) == FIRST_WORD.charAt(0)
                && NearestName.distance(name.substring(0, length).toLowerCase(Locale.ROOT), FIRST_WORD) <= 2;
    }

    /** The environment variable of a property. */
    static String variableOf(String property) {
        return property.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    private String nearest(String name) {
        // There always are properties.
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (String property : known) {
            int distance = sameWords(name, property) ? 0 : NearestName.distance(letters(name), letters(property));
            if (distance < bestDistance) {
                best = property;
                bestDistance = distance;
            }
        }
        return best;
    }

    private boolean isNearMiss(String name) {
        String property = nearest(name);
        if (sameWords(name, property)) {
            return true;
        }
        int length = letters(property).length() - FIRST_WORD.length();
        int most = length < 6 ? 1 : length < 15 ? 2 : 3;
        return NearestName.distance(letters(name), letters(property)) <= most;
    }

    /** Neither case nor what stands between words makes another name of it. */
    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Whether it is the same words in another order, singular or plural, or some of them abbreviated. */
    private static boolean sameWords(String name, String property) {
        String[] given = words(name);
        String[] wanted = words(property);
        if (given.length != wanted.length) {
            return false;
        }
        boolean abbreviated = true;
        for (int i = 0; i < given.length; i++) {
            given[i] = stem(given[i]);
            wanted[i] = stem(wanted[i]);
            abbreviated &= given[i].equals(wanted[i])
                    || given[i].length() >= SHORTEST_ABBREVIATION && wanted[i].startsWith(given[i]);
        }
        Arrays.sort(given);
        Arrays.sort(wanted);
        return abbreviated || Arrays.equals(given, wanted);
    }

    private static String[] words(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT)
                .split("[^a-z0-9]+");
    }

    private static String stem(String word) {
        return word.replaceFirst("(?<=...)(ed|es|s|d|e)$", "");
    }
}
