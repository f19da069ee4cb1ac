using Broker.LocalCloud;

return await LocalCloudCommand.Create().Parse(args).InvokeAsync();
