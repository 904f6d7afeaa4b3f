// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

/**
 * The hooks, by the one name that each has in {@code guard.started}, in load events and in the report of
 * {@code doctor}.
 */
public enum Hook {
    URL_CLASS_LOADER("url-class-loader"),
    CLASS_PATH_ROOT("class-path-root"),
    CLASS_PATH_JAR("class-path-jar"),
    CLASS_PATH_DIRECTORY("class-path-folder"),
    ZIP_OPEN("zip-open"),
    ZIP_CLOSE("zip-close"),
    ZIP_FILE_SYSTEM("zip-file-system"),
    ZIP_STREAM("zip-stream"),
    FIND_CLASS("find-class"),
    DEFINE_RESOURCE("define-resource"),
    RESOURCE_BYTES("resource-bytes"),
    DEFINE_CLASS("define-class"),
    DEFINE_CLASS_BUFFER("define-class-buffer"),
    NATIVE_LIBRARY("native-library"),
    MODULE_JAR("module-jar"),
    MODULE_DIRECTORY("module-folder"),
    FOREIGN_LIBRARY("foreign-library"),
    LOOKUP_DEFINE("lookup-define"),
    HIDDEN_CLASS("hidden-class"),
    HIDDEN_CLASS_DATA("hidden-class-data"),
    UNSAFE_DEFINE("unsafe-define"),
    AGENT_JAR("agent-jar"),
    BOOT_APPEND("boot-append"),
    RETRANSFORM("retransform"),
    REDEFINE("redefine"),
    DIAGNOSTIC_COMMAND("diagnostic-command"),
    PKCS11_LIBRARY("pkcs11-library"),
    NSS_LIBRARY("nss-library"),
    GSS_LIBRARY("gss-library"),
    SMART_CARD_LIBRARY("smart-card-library"),
    XSLT_COMPILER("xslt-compiler"),

    /** The fallback transformer: sees classes that pass none of the methods above. */
    CLASS_LOAD("class-load"),

    /**
     * Not a method of the JDK: the class path, verified before {@code main} when {@code cloacina.scope=application}.
     */
    APPLICATION("application"),

    /** Not a method of the JDK: an archive of classes that the JVM has mapped before the agent starts. */
    CLASS_ARCHIVE("class-archive");

    private final String label;

    Hook(String label) {
        this.label = label;
    }

    /** As events name it. */
    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return label;
    }
}
