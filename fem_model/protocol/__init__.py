"""What is imposed on the cell as time goes on."""
