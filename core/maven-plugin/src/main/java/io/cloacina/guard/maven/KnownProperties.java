// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.NearestName;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.codehaus.plexus.configuration.PlexusConfiguration;

/** A property that was mistyped would be left out in silence, and what it asks for would not be verified. */
final class KnownProperties {

    static final String PREFIX = "cloacina-guard.";

    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{(" + Pattern.quote(PREFIX) + "[^}]+)\\}");

    private KnownProperties() {}

    /** Those of all goals. */
    static SortedSet<String> of(PluginDescriptor plugin) {
        TreeSet<String> known = new TreeSet<>();
        for (MojoDescriptor goal : plugin.getMojos()) {
            for (PlexusConfiguration parameter : goal.getMojoConfiguration().getChildren()) {
                Matcher expression = EXPRESSION.matcher(String.valueOf(parameter.getValue(null)));
                if (expression.matches()) {
                    known.add(expression.group(1));
                }
            }
        }
        return known;
    }

    /** @throws MojoExecutionException for the first property of the plugin, by its spelling, that no goal has */
    static void require(SortedSet<String> known, Properties... given) throws MojoExecutionException {
        TreeSet<String> names = new TreeSet<>();
        for (Properties properties : given) {
            names.addAll(properties.stringPropertyNames());
        }
        for (String name : names) {
            if (name.startsWith(PREFIX) && !known.contains(name)) {
                throw new MojoExecutionException("unknown property [" + KeyText.shown(name) + "]; did you mean ["
                        + NearestName.of(name, known) + "]?");
            }
        }
    }
}
