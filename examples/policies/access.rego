package provisioner

deny contains message if {
	some change in input.resource_changes
	change.change.after.role == "admin"
	not was_admin(change)
	message := sprintf("%s becomes an administrator", [change.address])
}

deny contains message if {
	some resource in input.planned_values.root_module.resources
	some department, services in resource.values.departments
	not true in [services.tickets, services.chats, services.calls]
	message := sprintf("%s answers nothing in %s", [resource.address, department])
}

was_admin(change) if change.change.before.role == "admin"
