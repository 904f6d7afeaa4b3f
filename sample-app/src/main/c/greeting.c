/* A native plugin of the sample host. The demo compiles it several times, each with a GREETING of its own. */
#include <jni.h>

#ifndef GREETING
#error "give the greeting: cc -DGREETING='\"Good day\"' ..."
#endif

static jstring greeting(JNIEnv *env, jclass host) {
    (void)host;
    return (*env)->NewStringUTF(env, GREETING);
}

/* Runs while the library is being loaded, before the host can ask anything of it. */
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
    (void)reserved;
    JNIEnv *env;
    if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10) != JNI_OK) {
        return JNI_ERR;
    }
    jclass host = (*env)->FindClass(env, "io/cloacina/guard/sample/NativeGreeter");
    if (host == NULL) {
        return JNI_ERR;
    }
    const JNINativeMethod methods[] = {{"greeting", "()Ljava/lang/String;", (void *)greeting}};
    return (*env)->RegisterNatives(env, host, methods, 1) == JNI_OK ? JNI_VERSION_10 : JNI_ERR;
}
