using System.Runtime.InteropServices;

// The library comes with its package and lies beside the program; nowhere else is searched first.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
