using System.Runtime.InteropServices;

// Libraries come from where the system's loader looks, never from beside the assembly.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
