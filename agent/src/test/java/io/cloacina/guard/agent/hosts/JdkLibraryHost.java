// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import javax.smartcardio.TerminalFactory;
import org.ietf.jgss.GSSManager;

/** Has native code of the JDK open a library: {@code WAY LIBRARY}. Whether that is of any use does not matter. */
public final class JdkLibraryHost {

    private JdkLibraryHost() {}

    public static void main(String[] arguments) throws Exception {
        String library = arguments[1];
        switch (arguments[0]) {
            case "pkcs11-library" ->
                Outcome.print(
                        "pkcs11",
                        () -> Security.getProvider("SunPKCS11").configure("--name=test\nlibrary=" + library + "\n"));
            case "nss-library" -> {
                Path database = Files.createDirectories(Path.of(library + "-database"));
                Files.createFile(database.resolve("secmod.db"));
                Outcome.print(
                        "nss",
                        () -> Security.getProvider("SunPKCS11")
                                .configure("--name=test\nnssLibraryDirectory="
                                        + Path.of(library).getParent() + "\nnssSecmodDirectory=" + database
                                        + "\nnssDbMode=readOnly\n"));
            }
            case "gss-default" -> {
                System.setProperty("sun.security.jgss.native", "true");
                Outcome.print("gss", () -> GSSManager.getInstance().getMechs());
            }
            case "gss-library" -> {
                System.setProperty("sun.security.jgss.native", "true");
                System.setProperty("sun.security.jgss.lib", library);
                Outcome.print("gss", () -> GSSManager.getInstance().getMechs());
            }
            case "smart-card-library" -> {
                System.setProperty("sun.security.smartcardio.library", library);
                Outcome.print("card", () -> TerminalFactory.getInstance("PC/SC", null));
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }
}
