// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was deployed to Karaf: it unpacks a KAR once, and when it is started again it starts the bundles from its cache before
 * it looks at the KAR, if it does at all. The KARs in {@code deploy} count as opened.
 */
final class KarafDeployments {

    private static final String CACHE = "/data/cache/";

    /** What Felix and Equinox call their parts of the cache. */
    private static final String[] BUNDLES = {"bundle", "org.eclipse.osgi/"};

    private static final String ENDING = ".kar";

    /** How many are looked at. */
    private static final int MOST = 1_000;

    private KarafDeployments() {}

    /** The directory of the Karaf in whose cache {@code path} lies; null if it lies in none. */
    static @Nullable String baseOf(String path) {
        int at = path.indexOf(CACHE);
        if (at < 0) {
            return null;
        }
        for (String bundles : BUNDLES) {
            if (path.startsWith(bundles, at + CACHE.length())) {
                return path.substring(0, at);
            }
        }
        return null;
    }

    static List<String> archivesOf(String base) {
        File deploy = new File(base, "deploy");
        String[] names = deploy.list();
        List<String> archives = new ArrayList<>();
        for (int i = 0; names != null && i < names.length && archives.size() < MOST; i++) {
            if (names[i].endsWith(ENDING)) {
                archives.add(new File(deploy, names[i]).getPath());
            }
        }
        return archives;
    }
}
