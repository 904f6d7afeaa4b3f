// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/** A file that looks, whenever it is asked something, who asks. */
final class HostileFile extends File {
    private static final long serialVersionUID = 1L;

    HostileFile(String path) {
        super(path);
    }

    @Override
    public String getPath() {
        Onlooker.look("File.getPath");
        return super.getPath();
    }

    @Override
    public String getName() {
        Onlooker.look("File.getName");
        return super.getName();
    }

    @Override
    public String getAbsolutePath() {
        Onlooker.look("File.getAbsolutePath");
        return super.getAbsolutePath();
    }

    @Override
    public File getAbsoluteFile() {
        Onlooker.look("File.getAbsoluteFile");
        return this;
    }

    @Override
    public String getCanonicalPath() throws IOException {
        Onlooker.look("File.getCanonicalPath");
        return super.getCanonicalPath();
    }

    @Override
    public Path toPath() {
        Onlooker.look("File.toPath");
        return super.toPath();
    }

    @Override
    public boolean exists() {
        Onlooker.look("File.exists");
        return super.exists();
    }

    @Override
    public boolean isFile() {
        Onlooker.look("File.isFile");
        return super.isFile();
    }

    @Override
    public boolean isDirectory() {
        Onlooker.look("File.isDirectory");
        return super.isDirectory();
    }

    @Override
    public long length() {
        Onlooker.look("File.length");
        return super.length();
    }

    @Override
    public long lastModified() {
        Onlooker.look("File.lastModified");
        return super.lastModified();
    }

    @Override
    public int hashCode() {
        Onlooker.look("File.hashCode");
        return super.hashCode();
    }

    @Override
    public boolean equals(Object other) {
        Onlooker.look("File.equals");
        return super.equals(other);
    }

    @Override
    public String toString() {
        Onlooker.look("File.toString");
        return super.toString();
    }
}
