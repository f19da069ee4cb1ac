namespace Broker.Cryptography.Native;

/// <summary>The machine lacks a library that this one calls; the message says what to install.</summary>
public sealed class MissingNativeLibraryException(string library, string debianPackage)
    : DllNotFoundException($"{library} cannot be loaded; install it with: apt-get install {debianPackage}");
