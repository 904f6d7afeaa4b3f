// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.instruments;

import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.monitor.GuardStatus;
import io.cloacina.guard.internal.process.Version;
import io.cloacina.guard.internal.text.Rfc3339;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import javax.management.MBeanInfo;
import javax.management.openmbean.ArrayType;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenMBeanAttributeInfo;
import javax.management.openmbean.OpenMBeanAttributeInfoSupport;
import javax.management.openmbean.OpenMBeanInfoSupport;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import org.jspecify.annotations.Nullable;

/** The attributes of the management bean, in types that every JMX client has. */
public final class BeanValues implements Function<String, Object> {

    private static final String COUNT = "how many, since the JVM was started";

    private static final String[] REFUSAL = {"at", "packagePath", "reason", "error"};
    private static final String[] LOADED = {
        "packagePath", "packageHash", "signerFingerprint", "kind", "loadedAt", "lastLoadedAt", "loads", "revoked"
    };

    private final Guard guard;
    private final Map<String, OpenMBeanAttributeInfo> attributes = new LinkedHashMap<>();
    private final CompositeType refusal;
    private final CompositeType loaded;

    public BeanValues(Guard guard) {
        this.guard = guard;
        try {
            this.refusal = new CompositeType(
                    "Refusal",
                    "a load that was refused",
                    REFUSAL,
                    new String[] {"when", "what", "failure reason", "all that was found wrong"},
                    new OpenType<?>[] {SimpleType.STRING, SimpleType.STRING, SimpleType.STRING, SimpleType.STRING});
            this.loaded = new CompositeType(
                    "LoadedPackage",
                    "a package that was loaded because its signer was trusted",
                    LOADED,
                    new String[] {
                        "what",
                        "SHA-256",
                        "the key",
                        "jar, directory, native, class or agent",
                        "first",
                        "last",
                        "how often",
                        "how trust in the signer went since; null if it did not"
                    },
                    new OpenType<?>[] {
                        SimpleType.STRING,
                        SimpleType.STRING,
                        SimpleType.STRING,
                        SimpleType.STRING,
                        SimpleType.STRING,
                        SimpleType.STRING,
                        SimpleType.LONG,
                        SimpleType.STRING
                    });
            add("Version", "the guard's version", SimpleType.STRING);
            add("Commit", "the commit it was built from, or unknown", SimpleType.STRING);
            add("Mode", "enforcing or audit", SimpleType.STRING);
            add("Organisation", "whose trust counts", SimpleType.STRING);
            add("Store", "the trust store, without its password", SimpleType.STRING);
            add("StoreState", "whether it answers, and if not since when and why", SimpleType.STRING);
            add("RevocationWatch", "off, idle, watching, or since when it is not watching and why", SimpleType.STRING);
            add("Started", "when the guard was started", SimpleType.STRING);
            add("ConfigurationDigest", "SHA-256 over every setting", SimpleType.STRING);
            for (String count : new String[] {
                "Verified", "Refused", "Unverified", "Exempt", "Covered", "DynamicClasses", "WovenClasses"
            }) {
                add(count, COUNT, SimpleType.LONG);
            }
            add("LastRefusals", "the newest first", new ArrayType<CompositeData[]>(1, refusal));
            add("LoadedPackageCount", "how many, also those that are no longer listed", SimpleType.LONG);
            add("LoadedPackages", "loaded longest ago first", new ArrayType<CompositeData[]>(1, loaded));
        } catch (OpenDataException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(String name, String description, OpenType<?> type) {
        attributes.put(name, new OpenMBeanAttributeInfoSupport(name, description, type, true, false, false));
    }

    /** Names the attributes; the bean has no operations and sends no notifications. */
    public MBeanInfo info(String className) {
        return new OpenMBeanInfoSupport(
                className,
                "Cloacina Guard: what it decides on",
                attributes.values().toArray(new OpenMBeanAttributeInfo[0]),
                null,
                null,
                null);
    }

    @Override
    public @Nullable Object apply(String attribute) {
        GuardStatus status = guard.status();
        return switch (attribute) {
            case "Version" -> Version.number();
            case "Commit" -> Version.commit();
            case "Mode" -> status.mode();
            case "Organisation" -> status.organisation();
            case "Store" -> status.store();
            case "StoreState" -> status.storeState();
            case "RevocationWatch" -> status.revocationWatch();
            case "Started" -> Rfc3339.format(status.started());
            case "ConfigurationDigest" -> status.configurationDigest();
            case "Verified", "Refused", "Unverified", "Exempt", "Covered" ->
                status.counts().get(attribute.toLowerCase(Locale.ROOT));
            case "DynamicClasses" -> status.counts().get("dynamic_classes");
            case "WovenClasses" -> status.counts().get("woven_classes");
            case "LastRefusals" -> refusals(status.lastRefusals());
            case "LoadedPackageCount" -> status.loaded().size() + status.forgotten();
            case "LoadedPackages" -> packages(status.loaded());
            default -> throw new IllegalArgumentException("there is no attribute [" + attribute + "]");
        };
    }

    private CompositeData[] refusals(List<GuardStatus.Refused> refusals) {
        List<CompositeData> rows = new ArrayList<>();
        for (GuardStatus.Refused one : refusals) {
            rows.add(row(refusal, REFUSAL, Rfc3339.format(one.at()), one.packagePath(), one.reason(), one.error()));
        }
        return rows.toArray(new CompositeData[0]);
    }

    private CompositeData[] packages(List<GuardStatus.LoadedPackage> packages) {
        List<CompositeData> rows = new ArrayList<>();
        for (GuardStatus.LoadedPackage one : packages) {
            rows.add(row(
                    loaded,
                    LOADED,
                    one.packagePath(),
                    one.packageHash(),
                    one.signerFingerprint(),
                    one.kind(),
                    Rfc3339.format(one.loadedAt()),
                    Rfc3339.format(one.lastLoadedAt()),
                    one.loads(),
                    one.revoked()));
        }
        return rows.toArray(new CompositeData[0]);
    }

    private static CompositeData row(CompositeType type, String[] names, @Nullable Object... values) {
        try {
            return new CompositeDataSupport(type, names, values);
        } catch (OpenDataException e) {
            throw new IllegalStateException(e);
        }
    }
}
